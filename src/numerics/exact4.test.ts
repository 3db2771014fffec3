/** The four-wide division and square root of the shaders: the bits of f32.ts, in both variants. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShaderLinker } from '../../scripts/shader-linker';
import { requestNodeDevice } from '../backends/webgpu/node';
import { runPerItem } from '../testing/shader-runner';
import { div, fromBits, sqrt, toBits } from './f32';
import { randomWord } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const library = async (native_ftz: boolean): Promise<string> => {
  const linker = new ShaderLinker(join(import.meta.dirname, '../../shaders'));
  return (await linker.link('numerics/exact4.wgsl', { native_ftz, counting: true })).text;
};

/** Patterns of every class: any bits, significands at and next to powers of two, zeros, subnormals, infinities, NaN. */
function patterns(count: number, stream: number): Uint32Array<ArrayBuffer> {
  const special = [0, 1, 0x007fffff, 0x00800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000];
  return Uint32Array.from({ length: count }, (_, i) => {
    const word = randomWord(11, stream, 2 * i);
    const kind = randomWord(11, stream, 2 * i + 1);
    const sign = (word & 0x80000000) >>> 0;
    switch (kind % 8) {
      case 0:
        return word;
      case 1:
        return sign + special[(kind >>> 8) % special.length];
      case 2:
        return sign + (word & 0x7f800000) + ((kind >>> 8) % 3);
      case 3:
        return sign + (word & 0x7f800000) + 0x7fffff - ((kind >>> 8) % 3);
      default:
        return sign + (word & 0x7fffff) + 0x3f800000 + (((kind >>> 8) % 21) - 10) * 0x800000;
    }
  });
}

/** All NaN are one. */
const canonical = (words: Uint32Array): number[] => Array.from(words, (u) => toBits(fromBits(u)));

describe.each([true, false])('native_ftz %s', (nativeFtz) => {
  test('div4', async () => {
    const items = 100_000;
    const a = patterns(4 * items, 1);
    const b = patterns(4 * items, 2);
    const input = new Uint32Array(8 * items);
    for (let i = 0; i < items; i++) {
      input.set(a.subarray(4 * i, 4 * i + 4), 8 * i);
      input.set(b.subarray(4 * i, 4 * i + 4), 8 * i + 4);
    }
    const body = `
      isolation_zero = test_zero;
      let a = bitcast<vec4<f32>>(vec4<u32>(take(0u), take(1u), take(2u), take(3u)));
      let b = bitcast<vec4<f32>>(vec4<u32>(take(4u), take(5u), take(6u), take(7u)));
      let q = bitcast<vec4<u32>>(div4(a, b));
      for (var i = 0u; i < 4u; i++) { give(i, q[i]); }`;
    const found = await runPerItem(device, await library(nativeFtz), {
      body,
      input,
      wordsIn: 8,
      wordsOut: 4,
    });
    const expected = Array.from(a, (u, i) => toBits(div(fromBits(u), fromBits(b[i]))));
    expect(canonical(found)).toEqual(expected);
  });

  test('square_root4', async () => {
    const input = patterns(400_000, 3);
    const body = `
      isolation_zero = test_zero;
      let a = bitcast<vec4<f32>>(vec4<u32>(take(0u), take(1u), take(2u), take(3u)));
      let r = bitcast<vec4<u32>>(square_root4(a));
      for (var i = 0u; i < 4u; i++) { give(i, r[i]); }`;
    const found = await runPerItem(device, await library(nativeFtz), {
      body,
      input,
      wordsIn: 4,
      wordsOut: 4,
    });
    expect(canonical(found)).toEqual(Array.from(input, (u) => toBits(sqrt(fromBits(u)))));
  });
});
