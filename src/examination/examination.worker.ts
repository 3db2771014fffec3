/** The worker that a device is examined in, so that neither the page nor a running experiment waits. */
import { expose } from 'comlink';
import { examine, type ExaminationResult } from './examination';

const worker = {
  examine: (): Promise<ExaminationResult> => examine((navigator as { gpu?: GPU }).gpu),
};
export type ExaminationWorker = typeof worker;

expose(worker);
