/** `amp round`: rounds f32 bit patterns to a number format. */
import { requestNodeDevice } from '../backends/webgpu/node';
import { roundOnDevice } from '../backends/webgpu/round';
import { DEFAULT_RANDOM_BITS, flushing, parseFormat, ROUNDING_MODES } from '../numerics/formats';
import { roundWords, type ArrayRounding } from '../numerics/round-kernel';
import { oneOf, positiveInteger, readArguments, unsigned, type Arguments } from './arguments';
import { BACKENDS } from './backend';
import { orUsageError } from './errors';
import { readWords, writeWords } from './files';

/** @throws {UsageError} */
async function roundingOf(args: Arguments): Promise<ArrayRounding> {
  const format = await orUsageError('--format', () => parseFormat(args.required('format')));
  const subnormals = oneOf('subnormals', args.option('subnormals') ?? 'keep', ['keep', 'flush'] as const);
  return {
    format: subnormals === 'flush' ? flushing(format) : format,
    mode: oneOf('rounding', args.option('rounding') ?? 'nearest-even', ROUNDING_MODES),
    randomBits: positiveInteger('random-bits', args.option('random-bits') ?? `${DEFAULT_RANDOM_BITS}`, 32),
    seed: unsigned('seed', args.option('seed') ?? '0'),
  };
}

export async function roundCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage:
      'amp round --format fp16|bf16|tf32|e4m3fn|e4m3fn_sat|e5m2|e5m2_sat|e3m2fn|e2m3fn|e2m1fn|e<X>m<Y>' +
      ` [--rounding ${ROUNDING_MODES.join('|')}] [--random-bits 1..32] [--seed n] [--subnormals keep|flush]` +
      ' --backend cpu|webgpu --in in.bin --out out.bin',
    positionals: [],
    required: ['format', 'backend', 'in', 'out'],
    optional: ['rounding', 'random-bits', 'seed', 'subnormals'],
  });
  const rounding = await roundingOf(args);
  const kind = oneOf('backend', args.required('backend'), BACKENDS);
  const words = await readWords(args.required('in'));
  const rounded =
    kind === 'cpu'
      ? roundWords(words, rounding)
      : await roundOnDevice(await requestNodeDevice(), words, rounding);
  await writeWords(args.required('out'), rounded);
}
