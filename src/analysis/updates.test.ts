import { describe, expect, test } from 'vitest';
import { COUNTER_WORDS, UPDATE_COUNTER } from '../graph/records';
import type { SiteRecord } from './records';
import { coveredShare, lostShare, UpdateHistory } from './updates';
import { WINDOW_STEPS } from './window';

const sites: readonly SiteRecord[] = [
  { id: 0, name: 'fc.weight.grad', layer: 'fc', role: 'parameter gradient', count: 10 },
  { id: 1, name: 'fc.weight.update', layer: 'fc', role: 'update', count: 10 },
  { id: 2, name: 'fc.bias.update', layer: 'fc', role: 'update', count: 10 },
];
const LANES = 2;

/** Steps in which `moved` of the ten weights of each tensor of lane 1 moved, by half of what they should. */
function frame(firstStep: number, steps: number, moved: number) {
  const counters = new Uint32Array(steps * LANES * sites.length * COUNTER_WORDS);
  for (let step = 0; step < steps; step++) {
    for (const { id, role } of sites) {
      if (role !== 'update') continue;
      const at = ((step * LANES + 1) * sites.length + id) * COUNTER_WORDS;
      counters[at + UPDATE_COUNTER.moved] = moved;
      counters[at + UPDATE_COUNTER.roundedAway] = 10 - moved;
      counters[at + UPDATE_COUNTER.intended] = 2;
      counters[at + UPDATE_COUNTER.covered] = 1;
    }
  }
  return { firstStep, steps, counters };
}

describe('updates', () => {
  test('sums are over the last steps of a tensor, and over all tensors', () => {
    const history = new UpdateHistory(sites, LANES);
    history.append(frame(0, 5, 0), 0);
    history.append(frame(5, WINDOW_STEPS, 4), 5);
    expect(history.recent(1, 0)).toMatchObject({ moved: 4 * WINDOW_STEPS, roundedAway: 6 * WINDOW_STEPS });
    expect(lostShare(history.recentOfAll(1))).toBeCloseTo(0.6, 12);
    expect(coveredShare(history.recentOfAll(1))).toBe(0.5);
  });

  test('a lane in which nothing was counted has no share', () => {
    const history = new UpdateHistory(sites, LANES);
    history.append(frame(0, 3, 1), 0);
    expect(lostShare(history.recentOfAll(0))).toBeNaN();
    expect(history.lost[0].last[0]).toBeNaN();
    expect(history.lost[1].last[2]).toBeCloseTo(0.9, 6);
  });

  test('steps that are known are not taken in twice', () => {
    const history = new UpdateHistory(sites, LANES);
    history.append(frame(0, 4, 1), 0);
    history.append(frame(2, 4, 1), 4);
    expect(history.steps).toBe(6);
  });

  test('a long run is kept in buckets of more than one step', () => {
    const history = new UpdateHistory(sites, LANES);
    for (let step = 0; step < 5000; step += 100) history.append(frame(step, 100, 5), step);
    expect(history.stride).toBe(2);
    expect(history.buckets).toBe(2500);
    expect(history.lost[1].high[2499]).toBe(0.5);
  });

  test('where no program counts updates there is nothing', () => {
    const history = new UpdateHistory(sites.slice(0, 1), LANES);
    history.append({ firstStep: 0, steps: 1, counters: new Uint32Array(LANES * COUNTER_WORDS) }, 0);
    expect(history.steps).toBe(0);
    expect(history.lost).toEqual([]);
  });
});
