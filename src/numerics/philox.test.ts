import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import philoxShader from '../../shaders/numerics/philox.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { runPerItem } from '../testing/shader-runner';
import { toBits } from './f32';
import { philox4x32, randomWord, uniform } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

/** The philox4x32 10-round lines of `kat_vectors` in Random123: counter, key, result. */
const KNOWN_ANSWERS = [
  '00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8',
  'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd',
  '243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1',
].map((line) => line.split(' ').map((word) => parseInt(word, 16)));

const library = philoxShader.text({ native_ftz: false, counting: false });

describe('Philox 4x32-10', () => {
  test('known answers on the CPU', () => {
    for (const [c0, c1, c2, c3, k0, k1, ...result] of KNOWN_ANSWERS) {
      const out = new Uint32Array(4);
      philox4x32(c0, c1, c2, c3, k0, k1, out);
      expect([...out]).toEqual(result);
    }
  });

  test('known answers on WebGPU', async () => {
    const words = await runPerItem(device, library, {
      body: `let r = philox4x32(vec4<u32>(take(0u), take(1u), take(2u), take(3u)), vec2<u32>(take(4u), take(5u)));
        for (var k = 0u; k < 4u; k++) { give(k, r[k]); }`,
      input: Uint32Array.from(KNOWN_ANSWERS.flatMap((line) => line.slice(0, 6))),
      wordsIn: 6,
      wordsOut: 4,
    });
    expect([...words]).toEqual(KNOWN_ANSWERS.flatMap((line) => line.slice(6)));
  });
});

describe('streams', () => {
  test('the same words and numbers on WebGPU', async () => {
    const input: number[] = [];
    for (let i = 0; i < 4096; i++) {
      input.push(Math.imul(i, 0x9e3779b9) >>> 0, i % 7, i < 2048 ? i : 0xffffffff - i);
    }
    const results = await runPerItem(device, library, {
      body: `give(0u, random_word(take(0u), take(1u), take(2u)));
        give(1u, bitcast<u32>(uniform_f32(take(0u), take(1u), take(2u))));`,
      input: Uint32Array.from(input),
      wordsIn: 3,
      wordsOut: 2,
    });
    const expected: number[] = [];
    for (let i = 0; i < input.length; i += 3) {
      const [seed, stream, index] = input.slice(i, i + 3);
      expected.push(randomWord(seed, stream, index), toBits(uniform(seed, stream, index)));
    }
    expect([...results]).toEqual(expected);
  });

  test('uniform numbers are binary32 numbers in [0, 1) and look uniform', () => {
    const n = 1 << 16;
    const bins = new Float64Array(16);
    const outside: number[] = [];
    for (let i = 0; i < n; i++) {
      const x = uniform(7, 1, i);
      if (x !== Math.fround(x) || !Number.isInteger(x * 2 ** 24) || x < 0 || x >= 1) outside.push(x);
      bins[Math.floor(x * 16)]++;
    }
    expect(outside).toEqual([]);
    const chiSquared = bins.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
    // 15 degrees of freedom: 37.7 is exceeded with a probability of 0.1 %.
    expect(chiSquared).toBeLessThan(37.7);
  });

  test('seeds and streams differ', () => {
    const firsts = [
      [1, 0],
      [2, 0],
      [1, 1],
      [0, 1],
      [0x80000001, 0],
    ].map(([seed, stream]) => randomWord(seed, stream, 0));
    expect(new Set(firsts).size).toBe(firsts.length);
  });
});
