/** The page's end of the examination: a worker that lives as long as it takes. */
import { wrap } from 'comlink';
import type { ExaminationResult } from './examination';
import type { ExaminationWorker } from './examination.worker';

/** @throws {Error} when the worker's script cannot be loaded, or the device fails while it is examined */
export async function examineThisDevice(): Promise<ExaminationResult> {
  const worker = new Worker(new URL('./examination.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise<ExaminationResult>((resolve, reject) => {
      worker.addEventListener('error', ({ message }) =>
        reject(new Error(message || 'the script of the examination could not be loaded')),
      );
      wrap<ExaminationWorker>(worker).examine().then(resolve, reject);
    });
  } finally {
    worker.terminate();
  }
}
