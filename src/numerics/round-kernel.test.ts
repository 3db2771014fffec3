import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import roundKernelShader from '../../shaders/numerics/round_kernel.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { dispatch } from '../testing/shader-runner';
import { FORMATS, formatWords } from './formats';
import { randomWord } from './philox';
import { roundArray } from './round';
import { ROUND_ENTRY_POINT, roundChunks } from './round-kernel';

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

describe('the kernel', () => {
  test.each([1, 2, 3, 4, 255, 256, 257, 1000])('rounds %d words', async (length) => {
    const input = Uint32Array.from({ length }, (_, i) => randomWord(6, 0, i));
    const expected = new Uint32Array(length);
    roundArray(input, expected, FORMATS.fp16.nearestEven);
    const rounded = new Uint32Array(length);
    for (const { begin, end, bufferBytes, workgroups } of roundChunks(length, 512)) {
      const chunk = new Uint32Array(bufferBytes / 4);
      chunk.set(input.subarray(begin, end));
      const output = await dispatch(device, roundKernelShader.text({ native_ftz: false, counting: false }), {
        entryPoint: ROUND_ENTRY_POINT,
        uniform: Uint32Array.from(formatWords(FORMATS.fp16)),
        input: chunk,
        outputWords: chunk.length,
        workgroups,
      });
      rounded.set(output.subarray(0, end - begin), begin);
    }
    expect(rounded).toEqual(expected);
  });
});
