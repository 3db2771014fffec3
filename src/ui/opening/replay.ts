/** Plays the recording until the engine is ready, at a pace at which one can follow it. */
import { sliceDigest } from '../../analysis/digest';
import type { Run } from '../../analysis/run';
import type { Recording } from './recording';

const STEPS_PER_SECOND = 80;

/**
 * @param run an empty run, which the replay fills; its table and histograms are those of the recording's end
 * @param schedule requestAnimationFrame; time in milliseconds
 * @returns stops the replay
 */
export function replay(
  { digest, loaded, evaluations, window, histograms }: Recording,
  run: Run,
  advanced: () => void,
  schedule: (callback: (time: number) => void) => void,
): () => void {
  const lanes = loaded.experiment.lanes.length;
  let stopped = false;
  let start: number | null = null;
  run.window = window;
  run.histograms = histograms;
  const tick = (time: number): void => {
    if (stopped) return;
    start ??= time;
    const until = Math.floor(((time - start) / 1000) * STEPS_PER_SECOND) + 1;
    const next = sliceDigest(digest, run.steps, until, lanes);
    if (next) {
      run.appendDigest(next);
      evaluations.filter(({ step }) => step <= run.steps).forEach((record) => run.evaluations.append(record));
      advanced();
    }
    if (run.steps < digest.steps) schedule(tick);
  };
  schedule(tick);
  return () => {
    stopped = true;
  };
}
