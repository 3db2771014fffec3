/**
 * What the λ lessons say, as bands around the figures of an independent emulator: 400 steps of SGD at 0.2 with seed 3
 * there, fewer here. Bands, because its sums run in another order.
 */
import { describe, expect, it } from 'vitest';
import { createWasmBackend } from '../backends/wasm';
import { lane } from '../experiment/defaults';
import type { Experiment, LaneConfig } from '../experiment/experiment';
import { openingExperiment } from '../experiment/presets';
import { runExperiment, type LaneReport } from '../cli/report';
import { readPublic } from '../testing/data-files';

/** One lane per λ = 2^-k, all else equal. */
const sweep = (format: string, exponents: readonly number[]): Experiment => ({
  ...openingExperiment,
  lossWeightExponent: 0,
  lanes: exponents.map((k) => lane(format, { name: `k = ${k}` })),
  interventions: exponents.map((k, index) => ({
    step: 0,
    lane: index,
    key: 'lossWeightExponent',
    value: k === 0 ? 0 : -k,
  })),
});

const run = async (experiment: Experiment, steps: number) =>
  runExperiment(experiment, steps, await createWasmBackend(), readPublic);

/** Share of zeros among the gradients at sites whose names match, over the last 20 steps. */
function zeroShare({ sites, loss }: LaneReport, names: RegExp): number {
  let zero = 0;
  let all = 0;
  for (const [name, site] of Object.entries(sites)) {
    if (!names.test(name)) continue;
    for (let step = loss.length - 20; step < loss.length; step++) {
      zero += site.zeroBefore[step] + site.underflow[step];
      all += site.count;
    }
  }
  return zero / all;
}
const WEIGHTS = /\.(weight|bias)\.grad$/;
const ACTIVATIONS = /(input|logits)\.grad$/;

/** Slower on a busy machine. */
const SLOW = { timeout: 60_000 };

describe('λ with a compensated learning rate', SLOW, () => {
  it('changes not one bit of an FP32 run, momentum included', async () => {
    for (const momentum of [0, 0.9]) {
      const optimizer = { kind: 'sgd', learningRate: 0.05, momentum } as const;
      const { lanes } = await run({ ...sweep('fp32', [0, 1, 12, 18, 22, 30]), optimizer }, 25);
      const [reference, ...others] = lanes;
      for (const other of others) {
        expect(other.loss).toEqual(reference.loss);
        expect(other.weightsSha256).toBe(reference.weightsSha256);
      }
    }
  });

  it('changes not one bit of an FP32 run under Adam', async () => {
    const optimizer = { kind: 'adam', learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
    const { lanes } = await run({ ...sweep('fp32', [0, 6, 18, 30]), optimizer }, 25);
    for (const other of lanes) expect(other.weightsSha256).toBe(lanes[0].weightsSha256);
  });

  it('takes an FP16 run from no underflow to nothing but underflow within a dozen powers of two', async () => {
    const exponents = [0, 8, 14, 18, 22];
    const { lanes } = await run(sweep('fp16', exponents), 70);
    // Lower and upper bounds of the shares; the emulator has 0, 0.4, 13, 66, 100 % and 0, 1.6, 41, 91, 100 %.
    const weightBands = [
      [0, 0.002],
      [0, 0.02],
      [0.06, 0.25],
      [0.5, 0.95],
      [1, 1],
    ];
    const activationBands = [
      [0, 0.005],
      [0.003, 0.04],
      [0.25, 0.55],
      [0.85, 0.995],
      [1, 1],
    ];
    lanes.forEach((each, i) => {
      for (const [names, [low, high]] of [
        [WEIGHTS, weightBands[i]],
        [ACTIVATIONS, activationBands[i]],
      ] as const) {
        const share = zeroShare(each, names);
        expect(share, `${names} at ${each.name}`).toBeGreaterThanOrEqual(low);
        expect(share, `${names} at ${each.name}`).toBeLessThanOrEqual(high);
      }
    });
    // Nothing arrives, so nothing is learned.
    expect(lanes[4].heldOutLoss.value.at(-1)).toBe(lanes[4].heldOutLoss.value[0]);
  });
});

describe('the plateau of static scales at λ = 2^-18', SLOW, () => {
  it('is wide, and has an edge on both sides', async () => {
    const fixed = (exponent: number): LaneConfig =>
      lane('fp16', { scaler: { kind: 'static', scale: 2 ** exponent } });
    const lanes = [lane('fp32'), ...[0, 4, 32, 40].map(fixed)];
    const report = await run({ ...openingExperiment, lanes }, 150);
    const heldOut = report.lanes.map(({ heldOutLoss }) => Number(heldOutLoss.value.at(-1)));
    const [fp32, none, ...rest] = heldOut;
    const tooHigh = rest[2];
    for (const good of rest.slice(0, 2)) expect(Math.abs(good / fp32 - 1)).toBeLessThan(0.25);
    expect(none).toBeGreaterThan(1.8 * fp32);
    expect(tooHigh).toBe(report.lanes[4].heldOutLoss.value[0]);
    expect(report.lanes.map(({ skippedSteps }) => skippedSteps)).toEqual([0, 0, 0, 0, 150]);
  });
});

describe('the opening experiment', SLOW, () => {
  it('shows a backoff, a skip and a growth within 100 steps, and a scaler that saves the run', async () => {
    const { lanes } = await run(openingExperiment, 200);
    const [fp32, scaled, unscaled] = lanes;
    const scales = scaled.scale.slice(0, 100).map(Number);
    const changes = scales.slice(1).map((scale, i) => scale / scales[i]);
    expect(scaled.foundInf.slice(0, 2)).toEqual([1, 1]);
    expect(changes.filter((change) => change === 0.5).length).toBeGreaterThan(3);
    expect(changes.filter((change) => change === 2).length).toBeGreaterThan(0);
    const last = (each: LaneReport): number => Number(each.heldOutLoss.value.at(-1));
    expect(last(scaled)).toBeLessThan(1.3 * last(fp32));
    expect(last(unscaled)).toBeGreaterThan(2 * last(fp32));
  });
});
