/**
 * A part of what `npm run verify:exhaustive` compares: one pattern out of every 1024 consecutive ones, drawn by chance,
 * so that all binades and both signs take part. The device's rounding has to give the bits of the CPU's.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestNodeDevice } from '../backends/webgpu/node';
import { roundOnDevice } from '../examination/round-device';
import { FORMATS, type FormatName } from './formats';
import { randomWord } from './philox';
import { roundWords } from './round-array';

const STRATUM = 1024;
const COUNT = 2 ** 32 / STRATUM;

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

describe('2^22 of all patterns', () => {
  const inputs = Uint32Array.from({ length: COUNT }, (_, i) => i * STRATUM + (randomWord(22, 0, i) >>> 22));

  test('are spread over all', () => {
    expect(inputs[0]).toBeLessThan(STRATUM);
    expect(inputs[COUNT - 1]).toBeGreaterThanOrEqual(2 ** 32 - STRATUM);
  });

  test.each<FormatName>(['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2'])(
    'are rounded to %s alike',
    async (name) => {
      const rounding = { format: FORMATS[name], mode: 'nearest-even', randomBits: 32, seed: 0 } as const;
      const found = await roundOnDevice(device, inputs, rounding);
      const expected = roundWords(inputs, rounding);
      const at = found.findIndex((u, i) => u !== expected[i]);
      expect(at < 0 ? 'equal' : { input: inputs[at], found: found[at], expected: expected[at] }).toBe(
        'equal',
      );
    },
  );
});
