import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import probeShader from '../../shaders/examination/probe.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { dispatch } from '../testing/shader-runner';
import { fromBits, toBits } from '../numerics/f32';
import {
  createProbe,
  judgeDevice,
  PROBE_ENTRY_POINT,
  type ProbeCase,
  type ProbeOperation,
  type ProbeJudgement,
} from './probe';
import { messageText } from '../i18n/said';
import { message } from '../numerics/message';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const probe = createProbe();
const expected = Uint32Array.from(probe.cases, (one) => one.expected);

/** The verdict on a device that returns these results, and these when the kernels flush explicitly. */
const judge = (native: Uint32Array, explicit = native): Promise<ProbeJudgement> =>
  judgeDevice(probe, async (nativeFtz) => (nativeFtz ? native : explicit));

/** What a device would return whose operation differs from the reference. */
function deviation(operation: ProbeOperation, compute: (one: ProbeCase) => number): Uint32Array {
  return Uint32Array.from(probe.cases, (one) => (one.operation === operation ? compute(one) : one.expected));
}

describe('the probe on this device', () => {
  test.each([true, false])('agrees in every case (native flush: %s)', async (nativeFtz) => {
    const results = await dispatch(device, probeShader.text({ native_ftz: nativeFtz, counting: false }), {
      entryPoint: PROBE_ENTRY_POINT,
      uniform: probe.parameters,
      input: probe.words,
      outputWords: probe.cases.length,
      workgroups: probe.workgroups,
    });
    expect(await judge(results)).toMatchObject({ faithful: true, nativeFtz: true });
  });
});

describe('judgement', () => {
  test('a device that flushes by itself', async () => {
    expect(await judge(expected)).toEqual({
      nativeFtz: true,
      faithful: true,
      notes: [message('flushes-by-itself', {})],
      results: expected,
    });
  });

  test('the sign and payload of a NaN do not matter', async () => {
    const others = expected.map((word) => (word === 0x7fc00000 ? 0xffc00001 : word));
    expect(await judge(others)).toMatchObject({ nativeFtz: true });
  });

  const product = ({ a, b }: ProbeCase): number => fromBits(a) * fromBits(b);

  test.each([
    ['underflows gradually', (one: ProbeCase) => toBits(Math.fround(product(one)))],
    [
      'detects tininess before rounding',
      (one: ProbeCase) =>
        Math.abs(product(one)) < 2 ** -126 ? (toBits(product(one)) & 0x80000000) >>> 0 : one.expected,
    ],
    [
      'keeps subnormal operands',
      (one: ProbeCase) =>
        Math.abs(product(one)) >= 2 ** -126 ? toBits(Math.fround(product(one))) : one.expected,
    ],
  ])('a device that %s needs the explicit flush', async (_, multiply) => {
    expect(await judge(deviation('multiply', multiply), expected)).toMatchObject({
      nativeFtz: false,
      faithful: true,
    });
  });

  /** The next pattern towards zero where the exact result is smaller in magnitude. */
  const truncated = (u: number, exactValue: number): number =>
    Math.abs(fromBits(u)) > Math.abs(exactValue) ? u - 1 : u;

  test.each<[string, Uint32Array, string]>([
    [
      'truncates sums',
      deviation('add', (one) => truncated(one.expected, fromBits(one.a) + fromBits(one.b))),
      'Sums are not rounded to nearest even.',
    ],
    [
      'truncates products',
      deviation('multiply', (one) => truncated(one.expected, product(one))),
      'Products are not rounded to nearest even.',
    ],
    [
      'fuses products into sums',
      deviation('multiply-add', (one) => toBits(Math.fround(product(one) + fromBits(one.c)))),
      'A product and a sum are fused into one operation.',
    ],
    ['reassociates sums', deviation('two-sum', () => 0), 'Sums are reordered.'],
    [
      'knows no infinity',
      expected.map((word) => ((word & 0x7fffffff) === 0x7f800000 ? word - 1 : word)),
      'Infinities do not survive arithmetic.',
    ],
    [
      'knows no NaN',
      expected.map((word) => (word === 0x7fc00000 ? 0 : word)),
      'NaN does not survive arithmetic.',
    ],
    [
      'ignores the sign of zero',
      expected.map((word) => (word === 0x80000000 ? 0 : word)),
      'Zeros lose their sign.',
    ],
    [
      'divides carelessly',
      deviation('divide', (one) => one.expected ^ 1),
      'Divisions and square roots are not correctly rounded.',
    ],
    [
      'cannot round to FP16',
      deviation('round', (one) => one.a),
      'Rounding to a format differs from the reference.',
    ],
  ])('a device that %s is not faithful, and the note says so', async (_, results, sentence) => {
    const verdict = await judge(results);
    expect(verdict).toMatchObject({ nativeFtz: false, faithful: false });
    expect(verdict.notes.map(messageText).join('\n')).toContain(sentence);
  });

  test('a note counts the cases and shows one', async () => {
    const { notes } = await judge(expected.with(0, 0x3f800000));
    expect(notes.map(messageText)).toEqual([
      'Zeros lose their sign. (1 case; for example add(0x00000000, 0x00000000, 0x00000000) = 0x3f800000 ' +
        '≠ 0x00000000.)',
    ]);
  });
});
