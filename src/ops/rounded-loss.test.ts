import { expect, test } from 'vitest';
import { HEADER } from '../graph/records';
import { toBits } from '../numerics/f32';
import { FORMATS } from '../numerics/formats';
import { laneScaler } from '../training/lanes';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel, type KernelCase, type KernelResult } from '../testing/kernels';
import { crossEntropyForward, crossEntropyGradient, crossEntropySeededGradient } from './cross-entropy';
import { meanSquaredErrorGradient, meanSquaredErrorSeededGradient } from './mean-squared-error';
import { lossSeed, roundedMean } from './rounded-loss';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16, FORMATS.e5m2_sat];
const SETTINGS = [
  { multiplier: 0.1, scaler: laneScaler('static', { scale: 3 }) },
  { multiplier: 2 ** -18, scaler: laneScaler('static', { scale: 32768 }) },
  { multiplier: 1, scaler: laneScaler('static', { scale: 2 ** 100 }) },
  { multiplier: 1, scaler: laneScaler('static', { scale: 65536 }) },
];
const settings = SETTINGS;
const at = (formats = LANES) => ({ formats, role: 'activation gradient' as const });
const make = (
  values: (length: number, seed: number) => Float32Array,
  length: number,
  seed: number,
): Float32Array[] => LANES.map((_, lane) => values(length, seed + lane));

test('the mean is rounded, and reported as it is stored', async () => {
  for (let seed = 1; seed < 6; seed++) {
    const { outputs, records } = await compareKernel(roundedMean, {
      inputs: [{ shape: [7, 4], values: make(adversarial, 28, 10 * seed) }],
      outputs: [{ shape: [1, 1] }],
      sites: [{ formats: LANES }],
      settings,
      attributes: { divisor: 14 },
    });
    expect(records[HEADER.loss]).toBe(toBits(outputs[0][0][0]));
  }
});

test('a loss in FP16 is given an infinite gradient at scale 65,536, and a finite one below', async () => {
  const seeds = async (scale: number): Promise<KernelResult> => {
    const scaler = laneScaler('static', { scale });
    return compareKernel(lossSeed, {
      inputs: [],
      outputs: [{ shape: [1, 1] }, { shape: [1, 1] }],
      sites: [at(LANES.slice(0, 2)), at(LANES.slice(0, 2))],
      settings: [{ scaler }, { scaler, multiplier: 2 ** -10 }],
    });
  };
  const { outputs: large } = await seeds(65536);
  expect([large[0][0][0], large[0][1][0], large[1][1][0]]).toEqual([65536, Infinity, Infinity]);
  const { outputs: small } = await seeds(32768);
  expect([small[0][1][0], small[1][1][0]]).toEqual([32768, 32]);
});

test('the seed is that of the kernels that make it themselves, where nothing is rounded', async () => {
  const { outputs } = await compareKernel(lossSeed, {
    inputs: [],
    outputs: [{ shape: [1, 1] }, { shape: [1, 1] }],
    sites: [at(), at()],
    settings,
  });
  const seed = { shape: [1, 1], values: outputs[1] };

  const logits = { shape: [6, 5], values: make(gaussian, 30, 1) };
  const labels = { shape: [6, 1], values: Float32Array.of(0, 4, 2, 1, 3, 0) };
  const forward = await compareKernel(crossEntropyForward, {
    inputs: [logits, labels],
    outputs: [{ shape: [6, 4] }],
    settings,
  });
  const stats = { shape: [6, 4], values: forward.outputs[0] };
  const shared: Omit<KernelCase, 'inputs'> = { outputs: [{ shape: [6, 5] }], sites: [at()], settings };
  const [plain, seeded] = [
    await compareKernel(crossEntropyGradient, { ...shared, inputs: [logits, labels, stats] }),
    await compareKernel(crossEntropySeededGradient, { ...shared, inputs: [logits, labels, stats, seed] }),
  ];
  expect(seeded.outputs[0][0]).toEqual(plain.outputs[0][0]);

  const x = { shape: [6, 5], values: make(adversarial, 30, 7) };
  const target = { shape: [6, 5], values: make(gaussian, 30, 9) };
  const [squares, seededSquares] = [
    await compareKernel(meanSquaredErrorGradient, { ...shared, inputs: [x, target] }),
    await compareKernel(meanSquaredErrorSeededGradient, { ...shared, inputs: [x, target, seed] }),
  ];
  expect(seededSquares.outputs[0][0]).toEqual(squares.outputs[0][0]);
});
