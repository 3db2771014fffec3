import { describe, expect, test } from 'vitest';
import { COUNTER, COUNTER_WORDS } from '../graph/records';
import { SiteWindow, subnormalShare, WINDOW_STEPS, zeroedShare } from './window';

const LANES = 2;
const SITES = 3;
const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];

/** Counters of so many steps, with one site of lane 1 filled in by step. */
function counters(steps: number, fill: (step: number, words: Uint32Array) => void): Uint32Array {
  const all = new Uint32Array(steps * LANES * SITES * COUNTER_WORDS);
  for (let step = 0; step < steps; step++) {
    const at = ((step * LANES + 1) * SITES + 2) * COUNTER_WORDS;
    fill(step, all.subarray(at, at + COUNTER_WORDS));
  }
  return all;
}

describe('window of the last steps', () => {
  test('sums counters and finds the range', () => {
    const window = new SiteWindow(LANES, SITES);
    const filled = counters(2, (step, words) => {
      words[COUNTER.zeroBefore] = 20;
      words[COUNTER.underflow] = 10 + step;
      words[COUNTER.subnormal] = 40;
      words[COUNTER.largest] = bitsOf(step === 0 ? 0.5 : 0.25);
      words[COUNTER.smallest] = ~bitsOf(step === 0 ? 2 ** -30 : 2 ** -20) >>> 0;
    });
    window.append({ firstStep: 5, steps: 2, counters: filled });
    const summary = window.summary(1, 2, 100);
    expect(summary).toMatchObject({ steps: 2, values: 200, zeroBefore: 40, underflow: 21, subnormal: 80 });
    expect(summary).toMatchObject({ largest: 0.5, smallest: 2 ** -30 });
    expect(zeroedShare(summary)).toBe(21 / 160);
    expect(subnormalShare(summary)).toBe(0.5);
    expect(window.end).toBe(7);
    expect(window.summary(0, 2, 100)).toMatchObject({ underflow: 0, largest: 0, smallest: 0 });
  });

  test('forgets what is older', () => {
    const window = new SiteWindow(LANES, SITES);
    for (const firstStep of [0, 50]) {
      window.append({
        firstStep,
        steps: 50,
        counters: counters(50, (step, words) => (words[COUNTER.overflow] = firstStep + step < 60 ? 1 : 2)),
      });
    }
    expect(window.summary(1, 2, 1)).toMatchObject({ steps: WINDOW_STEPS, overflow: 2 * WINDOW_STEPS });
    window.append({ firstStep: 100, steps: 1, counters: counters(1, () => undefined) });
    expect(window.summary(1, 2, 1).overflow).toBe(2 * (WINDOW_STEPS - 1));
  });

  test('a share of nothing is not a number', () => {
    const summary = new SiteWindow(LANES, SITES).summary(0, 0, 10);
    expect(zeroedShare(summary)).toBeNaN();
  });
});
