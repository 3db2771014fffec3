import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import roundKernelShader from '../../shaders/examination/round_kernel.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { dispatch } from '../testing/shader-runner';
import { DEFAULT_RANDOM_BITS, FORMATS, parseFormat } from '../numerics/formats';
import { randomWord } from '../numerics/philox';
import { roundArray } from '../numerics/round';
import { roundWords, type ArrayRounding } from '../numerics/round-array';
import { chunkWords, ROUND_ENTRY_POINT, roundChunks, roundingWords } from './round-kernel';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

describe('roundChunks', () => {
  test('covers an array without gaps, within the limits of a dispatch', () => {
    for (const length of [0, 1, 255, 256, 257, 16_776_960, 16_776_961, 50_000_000]) {
      const chunks = roundChunks(length);
      let covered = 0;
      for (const { begin, end, bufferBytes, workgroups } of chunks) {
        expect(begin).toBe(covered);
        covered = end;
        expect(bufferBytes).toBeGreaterThanOrEqual(4 * (end - begin));
        expect(bufferBytes % 16).toBe(0);
        expect(workgroups * 256).toBeGreaterThanOrEqual(end - begin);
        expect(workgroups).toBeLessThanOrEqual(65_535);
      }
      expect(covered).toBe(length);
    }
  });
});

/** In chunks of 512 words, to have several. */
async function roundOnGpu(input: Uint32Array, rounding: ArrayRounding): Promise<Uint32Array> {
  const rounded = new Uint32Array(input.length);
  for (const one of roundChunks(input.length, 512)) {
    const { begin, end, workgroups } = one;
    const chunk = chunkWords(input, one);
    const output = await dispatch(device, roundKernelShader.text({ native_ftz: false, counting: false }), {
      entryPoint: ROUND_ENTRY_POINT,
      uniform: roundingWords(rounding, begin),
      input: chunk,
      outputWords: chunk.length,
      workgroups,
    });
    rounded.set(output.subarray(0, end - begin), begin);
  }
  return rounded;
}

describe('the kernel', () => {
  test.each([1, 2, 3, 4, 255, 256, 257, 1000])('rounds %d words', async (length) => {
    const input = Uint32Array.from({ length }, (_, i) => randomWord(6, 0, i));
    const expected = new Uint32Array(length);
    roundArray(input, expected, FORMATS.fp16.nearestEven);
    const rounding = {
      format: FORMATS.fp16,
      mode: 'nearest-even',
      randomBits: DEFAULT_RANDOM_BITS,
      seed: 0,
    } as const;
    expect(await roundOnGpu(input, rounding)).toEqual(expected);
  });

  test.each(['fp16', 'bf16', 'e4m3fn', 'e5m2_sat', 'e2m1fn', 'e7m3', 'fp16_ftz', 'bf16_ftz', 'fp32'])(
    'draws the random numbers of the reference to round to %s stochastically',
    async (name) => {
      const format = parseFormat(name);
      const input = Uint32Array.from({ length: 1500 }, (_, i) => {
        const word = randomWord(8, 0, i);
        // Half of them near the smallest numbers of the format, where most bits are dropped.
        const exponent = Math.max(0, (format.minNormalBits >>> 23) - (word % 40));
        return i % 2 === 0 ? word : (word & 0x807fffff) | (exponent << 23);
      });
      for (const randomBits of [1, 3, 8, 24, 25, 31, 32]) {
        const rounding = { format, mode: 'stochastic', randomBits, seed: 0xdeadbeef + randomBits } as const;
        expect(await roundOnGpu(input, rounding)).toEqual(roundWords(input, rounding));
      }
    },
  );
});
