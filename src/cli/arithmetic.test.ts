/** `amp arith`, `amp dot` and `amp round` on files, on both backends, and what they refuse. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { toBits } from '../numerics/f32';
import { arithmeticCommand } from './arithmetic';
import { dotCommand } from './dot';
import { UsageError } from './errors';
import { roundCommand } from './round';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'amp-arith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a command on a file of little-endian integers of `size` bytes; what it wrote. */
async function runOn(
  command: (argv: readonly string[]) => Promise<void>,
  options: Readonly<Record<string, string>>,
  input: readonly number[],
  size: 2 | 4,
): Promise<number[]> {
  const [from, to] = [join(folder, 'in.bin'), join(folder, 'out.bin')];
  const bytes = new DataView(new ArrayBuffer(input.length * size));
  input.forEach((word, i) => {
    if (size === 2) bytes.setUint16(2 * i, word, true);
    else bytes.setUint32(4 * i, word, true);
  });
  writeFileSync(from, bytes);
  await command(Object.entries({ ...options, in: from, out: to }).flatMap(([k, v]) => [`--${k}`, v]));
  const written = readFileSync(to);
  return Array.from({ length: written.length / size }, (_, i) =>
    size === 2 ? written.readUInt16LE(2 * i) : written.readUInt32LE(4 * i),
  );
}

const arith = (options: Readonly<Record<string, string>>, input: readonly number[]): Promise<number[]> =>
  runOn(arithmeticCommand, { format: 'fp16', op: 'add', backend: 'cpu', ...options }, input, 2);

const dot = (options: Readonly<Record<string, string>>, input: readonly number[]): Promise<number[]> =>
  runOn(
    dotCommand,
    { accumulate: 'fp32', format: 'fp16', k: '2', backend: 'cpu', ...options },
    input.map(toBits),
    4,
  );

describe.each(['cpu', 'webgpu'])('%s', (backend) => {
  test('arith', async () => {
    // 1 + 2^-11 is a tie, 1 + 3·2^-11 one that goes up; infinity less infinity.
    expect(await arith({ backend }, [0x3c00, 0x1000, 0x3c01, 0x1000, 0x7c00, 0xfc00])).toEqual([
      0x3c00, 0x3c02, 0x7e00,
    ]);
    expect(await arith({ backend, format: 'bf16', op: 'fma' }, [0x3f80, 0x0001, 0x0002])).toEqual([0x0003]);
    expect(await arith({ backend, op: 'sqrt' }, [0x4400, 0xbc00])).toEqual([0x4000, 0x7e00]);
    expect(await arith({ backend, op: 'mul' }, [])).toEqual([]);
  });

  // 2048·1 + 0·1 + 1, and 2048·1 + 1·1 + 0 with the one last: FP16 has no 2049.
  test.each([
    ['fp32', 2049, 2049],
    ['format', 2048, 2048],
    ['format-fma', 2048, 2048],
    ['tensor-core:V100', 2049, 2049],
    ['tensor-core:rtx-1000/32', 2049, 2049],
  ])('dot, accumulated %s', async (accumulate, first, second) => {
    const records = [2048, 0, 1, 1, 1, 2048, 1, 1, 1, 0];
    expect(await dot({ backend, accumulate }, records)).toEqual([first, second].map(toBits));
  });

  test('operands that the format does not have are rounded to it, and that is said', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      expect(await dot({ backend, k: '1', format: 'E4M3' }, [1.03, 2.2, 0.7])).toEqual([
        toBits(Math.fround(2.25 + Math.fround(0.7))),
      ]);
      expect(said.mock.calls).toEqual([['amp: 2 operands were rounded to e4m3fn']]);
    } finally {
      said.mockRestore();
    }
  });
});

describe('refused in one line', () => {
  test.each([
    [{ format: 'fp17' }, [1, 2]],
    [{ format: 'tf32' }, [1, 2]],
    [{ format: 'fp32' }, [1, 2]],
    [{ format: 'e2m1fn' }, [1, 2]],
    [{ op: 'sub' }, [1, 2]],
    [{ backend: 'gpu' }, [1, 2]],
    [{}, [1, 2, 3]],
    [{ op: 'fma' }, [1, 2, 3, 4]],
    [{ format: 'e4m3fn' }, [1, 256]],
  ])('arith %j of %j', async (options, input) => {
    const run = arith(options as Record<string, string>, input);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(/^[^\n]+$/);
  });

  test.each([
    [{ accumulate: 'tensor-core:k80' }, [1, 2, 3, 4, 5]],
    [{ accumulate: 'tensor-core:v100', format: 'bf16' }, [1, 2, 3, 4, 5]],
    [{ accumulate: 'tensor-core:h100', format: 'fp32' }, [1, 2, 3, 4, 5]],
    [{ accumulate: 'sum' }, [1, 2, 3, 4, 5]],
    [{ format: 'fp17' }, [1, 2, 3, 4, 5]],
    [{ k: '0' }, [1]],
    [{ k: '1.5' }, [1, 2, 3, 4]],
    [{ backend: 'gpu' }, [1, 2, 3, 4, 5]],
    [{}, [1, 2, 3, 4]],
  ])('dot %j of %j', async (options, input) => {
    const run = dot(options as Record<string, string>, input);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(/^[^\n]+$/);
  });

  test('a file that is not there', async () => {
    const options = ['--format', 'fp16', '--op', 'add', '--backend', 'cpu', '--out', join(folder, 'out.bin')];
    await expect(arithmeticCommand([...options, '--in', join(folder, 'no.bin')])).rejects.toThrow(UsageError);
    await expect(arithmeticCommand(options)).rejects.toThrow(/--in is missing/);
  });
});

describe.each(['cpu', 'webgpu'])('round on %s', (backend) => {
  const round = (options: Readonly<Record<string, string>>, input: readonly number[]): Promise<number[]> =>
    runOn(roundCommand, { backend, ...options }, input.map(toBits), 4);

  test('to a format', async () => {
    expect(await round({ format: 'fp16' }, [2049, 65520])).toEqual([2048, Infinity].map(toBits));
    expect(await round({ format: 'fp16', rounding: 'up' }, [2049])).toEqual([toBits(2050)]);
    expect(await round({ format: 'fp16', subnormals: 'flush' }, [2 ** -15])).toEqual([0]);
  });

  test('to a block format, its scales rounded down or up', async () => {
    const block = [7.9, 1, 0.26];
    expect(await round({ format: 'mxfp4' }, block)).toEqual([6, 1, 0.5].map(toBits));
    expect(await round({ format: 'mxfp4', 'scale-rounding': 'up' }, block)).toEqual([8, 1, 0].map(toBits));
    // Elements of 0.25 times the scale 1 are subnormal in E2M3.
    expect(await round({ format: 'mxfp6_e2m3', subnormals: 'flush' }, [4, 0.25])).toEqual([4, 0].map(toBits));
  });

  test('refuses what makes no sense', async () => {
    await expect(round({ format: 'fp16', 'scale-rounding': 'up' }, [1])).rejects.toThrow(UsageError);
    await expect(round({ format: 'nvfp4', 'scale-rounding': 'up' }, [1])).rejects.toThrow(UsageError);
    await expect(round({ format: 'mxfp4', 'scale-rounding': 'down' }, [1])).rejects.toThrow(UsageError);
  });
});
