import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import permutationShader from '../../shaders/numerics/permutation.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { runPerItem } from '../testing/shader-runner';
import { permute, type PermutationKey } from './permutation';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const order = (size: number, key: PermutationKey): number[] =>
  Array.from({ length: size }, (_, i) => permute(i, size, key));

function expectPermutation(size: number, key: PermutationKey): void {
  const seen = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const position = permute(i, size, key);
    if (!(position >= 0 && position < size) || seen[position] === 1) {
      throw new Error(
        `${i} of ${size} under ${key.join(', ')} goes to ${position}, a second time or outside`,
      );
    }
    seen[position] = 1;
  }
}

describe('permute', () => {
  test('is a permutation of every size up to 300', () => {
    for (let size = 1; size <= 300; size++) expectPermutation(size, [size, 3]);
  });

  test('is a permutation of any size under any key', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), word, word, (size, seed, epoch) => {
        expectPermutation(size, [seed, epoch]);
      }),
      { numRuns: 60 },
    );
  });

  test('is one beside powers of two', () => {
    for (const size of [255, 256, 257, 65_535, 65_536, 65_537]) expectPermutation(size, [1, 1]);
  });

  test('stays in range up to 2^31', () => {
    for (const size of [2 ** 31, 2 ** 31 - 1, 2 ** 30 + 1]) {
      const positions = Array.from({ length: 1000 }, (_, i) => permute(size - 1 - i, size, [9, 9]));
      expect(new Set(positions).size).toBe(1000);
      expect(positions.every((position) => position >= 0 && position < size)).toBe(true);
    }
  });

  test('every order of four things occurs, about equally often', () => {
    const counts = new Map<string, number>();
    const keys = 24_000;
    for (let epoch = 0; epoch < keys; epoch++) {
      const name = order(4, [12, epoch]).join();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const mean = keys / 24;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // 23 degrees of freedom: 49.7 is exceeded with a probability of 0.1 %.
    expect(chiSquared).toBeLessThan(49.7);
  });

  test('sends an index anywhere, whatever the epoch', () => {
    const counts = new Float64Array(10);
    for (let epoch = 0; epoch < 10_000; epoch++) counts[permute(0, 10, [4, epoch])]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 9 degrees of freedom: 27.9 is exceeded with a probability of 0.1 %.
    expect(chiSquared).toBeLessThan(27.9);
  });

  test('neighbours do not stay neighbours', () => {
    const positions = order(1000, [1, 0]);
    const adjacent = positions.filter((p, i) => i > 0 && Math.abs(p - positions[i - 1]) === 1).length;
    // About 2 in 1000 by chance.
    expect(adjacent).toBeLessThan(12);
  });

  test('the same on WebGPU', async () => {
    const input: number[] = [];
    for (const size of [1, 2, 3, 5, 8, 100, 1000, 60_000, 65_537, 2 ** 31 - 1, 2 ** 31]) {
      for (let i = 0; i < 300; i++) input.push(i % size, size, i * 0x01000193, i >> 4);
    }
    const words = Uint32Array.from(input);
    const results = await runPerItem(device, permutationShader.text({ native_ftz: false, counting: false }), {
      body: 'give(0u, permute(take(0u), take(1u), vec2<u32>(take(2u), take(3u))));',
      input: words,
      wordsIn: 4,
      wordsOut: 1,
    });
    const expected = Array.from(results, (_, i) =>
      permute(words[4 * i], words[4 * i + 1], [words[4 * i + 2], words[4 * i + 3]]),
    );
    expect([...results]).toEqual(expected);
  });
});
