/** `amp round`: rounds f32 bit patterns to a number format. */
import { requestNodeDevice } from '../backends/webgpu/node';
import { roundOnDevice } from '../backends/webgpu/round';
import { parseFormat, roundingDescriptor, type NumberFormat } from '../numerics/formats';
import { roundArray } from '../numerics/round';
import { oneOf, readArguments } from './arguments';
import { BACKENDS } from './backend';
import { orUsageError } from './errors';
import { readWords, writeWords } from './files';

function roundOnCpu(words: Uint32Array, format: NumberFormat): Uint32Array {
  const rounded = new Uint32Array(words.length);
  roundArray(words, rounded, roundingDescriptor(format));
  return rounded;
}

export async function roundCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage:
      'amp round --format fp16|bf16|tf32|e4m3fn|e4m3fn_sat|e5m2|e5m2_sat|e<X>m<Y> --backend cpu|webgpu --in in.bin --out out.bin',
    positionals: [],
    required: ['format', 'backend', 'in', 'out'],
    optional: [],
  });
  const format = await orUsageError('--format', () => parseFormat(args.required('format')));
  const kind = oneOf('backend', args.required('backend'), BACKENDS);
  const words = await readWords(args.required('in'));
  const rounded =
    kind === 'cpu'
      ? roundOnCpu(words, format)
      : await roundOnDevice(await requestNodeDevice(), words, format);
  await writeWords(args.required('out'), rounded);
}
