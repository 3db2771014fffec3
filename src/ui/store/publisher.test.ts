import { describe, expect, test } from 'vitest';
import { Run } from '../../analysis/run';
import type { Frame } from '../../engine/protocol';
import { defaultExperiment } from '../../experiment/defaults';
import { COUNTER_WORDS } from '../../graph/records';
import { Publisher } from './publisher';
import type { Views } from './state';
import type { ViewSource } from './views';

const experiment = defaultExperiment();

const CHARTS = ['counters', 'scale', 'underflow', 'loss'];

const sourceAtStart = (): ViewSource => ({
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
    chosen: { code: 'asked' },
    fallbackReason: null,
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
    castChanges: [],
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
});

/** What the engine sends of some steps in which nothing happens. */
function stepsOf(firstStep: number, steps: number): Frame {
  const rows = 2 * steps;
  return {
    run: 1,
    firstStep,
    steps,
    loss: new Float32Array(rows).fill(1),
    scale: new Float32Array(rows).fill(1),
    scaleAfter: new Float32Array(rows).fill(1),
    foundInf: new Uint8Array(rows),
    scalerState: new Uint32Array(),
    counters: new Uint32Array(rows * COUNTER_WORDS),
    evaluations: [],
    histograms: null,
    weight: null,
  };
}

interface Published {
  readonly time: number;
  readonly names: readonly string[];
  readonly views: Partial<Views>;
}

/** Draws frames that take so many milliseconds each, with something new in every one of them. */
function published(frames: number, frameTime: number) {
  const log: Published[] = [];
  const source = sourceAtStart();
  let time = 0;
  let next: ((time: number) => void) | null = null;
  const publisher = new Publisher({
    source: () => source,
    publish: (views) => log.push({ time, names: Object.keys(views), views }),
    schedule: (callback) => (next = callback),
  });
  for (let frame = 0; frame < frames; frame++) {
    source.run.append(stepsOf(frame * 3, 3));
    publisher.touch();
    const callback: ((time: number) => void) | null = next;
    next = null;
    time = frame * frameTime;
    (callback as ((time: number) => void) | null)?.(time);
  }
  const count = (name: keyof Views): number => log.filter(({ names }) => names.includes(name)).length;
  return { log, count };
}

describe('publisher', () => {
  test('every view comes, none more than ten times a second, and no frame draws two groups', () => {
    const { log, count } = published(120, 1000 / 60);
    for (const name of ['scale', 'underflow', 'loss', 'ruler', 'counters'] as const) {
      expect(count(name)).toBeGreaterThan(16);
      expect(count(name)).toBeLessThanOrEqual(21);
    }
    expect(count('layers')).toBeLessThanOrEqual(9);
    expect(count('diagnoses')).toBeLessThanOrEqual(5);
    for (const { names } of log)
      expect([CHARTS, ['ruler'], ['layers'], ['updates'], ['diagnoses', 'facts']]).toContainEqual(names);
  });

  test('all charts over steps and the counters are of the same step, however fast the run is', () => {
    const { log } = published(120, 1000 / 60);
    const steps = log.map(({ views: { counters, scale, underflow, loss } }) =>
      [counters?.step, scale?.steps, underflow?.steps, loss?.steps].filter((step) => step !== undefined),
    );
    expect(steps.flat().at(-1)).toBeGreaterThan(340);
    for (const seen of steps) expect(new Set(seen).size).toBeLessThanOrEqual(1);
  });

  test('comes in the very frame in which it is due', () => {
    const { log } = published(60, 20);
    const times = log.filter(({ names }) => names.includes('loss')).map(({ time }) => time);
    expect(times.slice(0, 3)).toEqual([0, 100, 200]);
  });

  test('comes less often where frames take long', () => {
    const seconds = 10;
    const { count } = published(seconds * 10, 100);
    expect(count('scale') / seconds).toBeLessThan(3);
    expect(count('scale')).toBeGreaterThan(seconds / 2);
  });
});
