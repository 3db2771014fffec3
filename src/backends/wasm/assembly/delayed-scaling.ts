/** The end of a step under delayed scaling (src/training/delayed-scaling.ts). */
import { Lane, operand } from './layout';
import { storeF32 } from './words';

/** Operands: largest magnitudes, recipe, history, scale. */
export function delayed_scaling(call: usize, lane: Lane): void {
  const magnitudes = operand(call, 0);
  if (lane.step >= magnitudes.columns) return;
  const latest = load<f32>(magnitudes.address + (lane.step << 2));
  // A step without values, or with zeros alone, changes nothing.
  if (latest == 0) return;
  const recipe = operand(call, 1).address;
  const length = <usize>load<f32>(recipe);
  const largest = roll(operand(call, 2).address, length, latest);
  const decisive = load<f32>(recipe, 8) == 1 ? latest : largest;
  if (!isFinite(decisive) || decisive <= 0) return;
  const scale = load<f32>(recipe, 4) / decisive;
  storeF32(operand(call, 3).address, isFinite(scale) ? scale : f32.MAX_VALUE);
}

/**
 * Puts the latest magnitude behind the others, of which the first place is left empty; the largest of them before that.
 * A number beats NaN, as in CUDA's fmaxf.
 */
function roll(history: usize, length: usize, latest: f32): f32 {
  let largest: f32 = 0;
  for (let i: usize = 0; i < length; i++) {
    const next = i + 1 < length ? load<f32>(history + ((i + 1) << 2)) : latest;
    if (next > largest) largest = next;
    storeF32(history + (i << 2), i == 0 ? 0 : next);
  }
  return largest;
}
