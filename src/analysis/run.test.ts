import { describe, expect, test } from 'vitest';
import { COUNTER_WORDS } from '../graph/records';
import { defaultExperiment } from '../experiment/defaults';
import type { FormattedSite } from './records';
import { Run, type RunFrame } from './run';

const formats = ['fp32', 'fp16'];
const sites: FormattedSite[] = [
  { id: 0, name: 'fc.output', layer: 'fc', role: 'output', count: 4, formats },
  { id: 1, name: 'fc.weight.grad', layer: 'fc', role: 'parameter gradient', count: 4, formats },
];

/** FP32, and FP16 with GradScaler. */
const experiment = defaultExperiment();

function frame(firstStep: number, steps: number, change: Partial<RunFrame> = {}): RunFrame {
  return {
    firstStep,
    steps,
    loss: Float32Array.from({ length: steps * 2 }, (_, row) => firstStep + Math.floor(row / 2)),
    scale: new Float32Array(steps * 2).fill(8),
    scaleAfter: new Float32Array(steps * 2).fill(8),
    foundInf: new Uint8Array(steps * 2),
    scalerState: new Uint32Array(),
    counters: new Uint32Array(steps * 2 * sites.length * COUNTER_WORDS),
    evaluations: [],
    histograms: null,
    weight: null,
    ...change,
  };
}

describe('run', () => {
  test('frames connect', () => {
    const run = new Run(sites, experiment);
    run.append(frame(0, 10));
    run.append(frame(10, 5));
    expect(run.steps).toBe(15);
    expect(run.loss).toEqual([14, 14]);
    expect(run.scale).toEqual([8, 8]);
  });

  test('a frame of a run that is gone is ignored', () => {
    const run = new Run(sites, experiment);
    expect(run.append(frame(512, 10))).toBeNull();
    expect(run.steps).toBe(0);
  });

  test('steps that are known already are not counted twice', () => {
    const run = new Run(sites, experiment);
    const overflowing = frame(0, 10, {
      foundInf: new Uint8Array(20).fill(1),
      scaleAfter: new Float32Array(20).fill(8),
    });
    run.append(overflowing);
    expect(run.events[1].skipped).toBe(10);
    run.append(frame(0, 10, { foundInf: new Uint8Array(20).fill(1) }));
    expect(run.steps).toBe(10);
    run.append(frame(8, 4, { foundInf: new Uint8Array(8).fill(1) }));
    expect(run.steps).toBe(12);
    expect(run.events[1].skipped).toBe(12);
    expect(run.events[0].skipped).toBe(0);
  });
});
