import { describe, expect, test } from 'vitest';
import { Run } from '../../analysis/run';
import { defaultExperiment } from '../../experiment/defaults';
import { Publisher } from './publisher';
import type { Views } from './state';
import type { ViewSource } from './views';

const experiment = defaultExperiment();

const source: ViewSource = {
  run: new Run(
    [
      {
        id: 0,
        name: 'fc.weight.grad',
        layer: 'fc',
        role: 'parameter gradient',
        count: 4,
        formats: ['fp32', 'fp16'],
      },
    ],
    experiment,
  ),
  loaded: {
    run: 1,
    experiment,
    backend: { kind: 'cpu', adapter: '', notes: [] },
    fallbackReason: null,
    laneNames: ['a', 'b'],
    sites: [
      {
        id: 0,
        name: 'fc.weight.grad',
        layer: 'fc',
        role: 'parameter gradient',
        count: 4,
        formats: ['fp32', 'fp16'],
      },
    ],
    stepsPerEpoch: 8,
    trainingRows: 1,
    evaluationRows: 1,
    metric: 'loss',
    parameters: 1,
    dispatchesPerStep: 1,
  },
  selectedLane: 1,
  rulerSites: 'all',
  allSites: false,
};

/** Draws frames that take so many milliseconds each, with something new in every one of them. */
function published(frames: number, frameTime: number) {
  const log: (keyof Views)[][] = [];
  let next: ((time: number) => void) | null = null;
  const publisher = new Publisher({
    source: () => source,
    publish: (views) => log.push(Object.keys(views) as (keyof Views)[]),
    schedule: (callback) => (next = callback),
  });
  for (let frame = 0; frame < frames; frame++) {
    publisher.touch();
    const callback: ((time: number) => void) | null = next;
    next = null;
    (callback as ((time: number) => void) | null)?.(frame * frameTime);
  }
  const count = (name: keyof Views): number => log.filter((names) => names.includes(name)).length;
  return { log, count };
}

describe('publisher', () => {
  test('every view comes, none more than ten times a second, and no frame draws two charts', () => {
    const { log, count } = published(120, 1000 / 60);
    for (const name of ['scale', 'underflow', 'loss', 'ruler', 'counters'] as const) {
      expect(count(name)).toBeGreaterThan(8);
      expect(count(name)).toBeLessThanOrEqual(21);
    }
    expect(count('layers')).toBeLessThanOrEqual(9);
    expect(count('diagnoses')).toBeLessThanOrEqual(5);
    for (const names of log)
      expect(names.filter((name) => name !== 'counters').length).toBeLessThanOrEqual(1);
  });

  test('comes less often where frames take long', () => {
    const seconds = 10;
    const { count } = published(seconds * 10, 100);
    expect(count('scale') / seconds).toBeLessThan(3);
    expect(count('scale')).toBeGreaterThan(seconds / 2);
  });
});
