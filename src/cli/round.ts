/** `amp round`: rounds f32 bit patterns to a number format, or a tensor of them to a block format. */
import { roundBlocksOnDevice } from '../examination/blocks-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { roundOnDevice } from '../examination/round-device';
import { BLOCK_FORMATS, flushingElements, roundBlocks, SCALE_ROUNDINGS } from '../numerics/blocks';
import {
  DEFAULT_RANDOM_BITS,
  flushing,
  parseFormat,
  ROUNDING_MODES,
  type NumberFormat,
} from '../numerics/formats';
import { shown } from '../numerics/shown';
import { roundWords } from '../numerics/round-array';
import { errorText } from '../i18n/said';
import { oneOf, positiveInteger, readArguments, unsigned, type Arguments } from './arguments';
import { BACKENDS } from './backend';
import { orUsageError, UsageError } from './errors';
import { readWords, writeWords } from './files';

interface OnBothBackends {
  readonly cpu: (words: Uint32Array) => Uint32Array;
  readonly webgpu: (device: GPUDevice, words: Uint32Array) => Promise<Uint32Array>;
}

/** @throws {RangeError} in words for a name that is neither this nor a block format's */
function elementFormat(name: string): NumberFormat {
  try {
    return parseFormat(name);
  } catch (error) {
    const blocks = BLOCK_FORMATS.map((format) => format.name).join(', ');
    throw new RangeError(`${errorText(error)} Block formats are ${blocks}.`, { cause: error });
  }
}

/** @throws {UsageError} */
async function roundingOf(args: Arguments): Promise<OnBothBackends> {
  const name = args.required('format');
  const flushed = oneOf('subnormals', args.option('subnormals') ?? 'keep', ['keep', 'flush']) === 'flush';
  const how = {
    mode: oneOf('rounding', args.option('rounding') ?? 'nearest-even', ROUNDING_MODES),
    randomBits: positiveInteger('random-bits', args.option('random-bits') ?? `${DEFAULT_RANDOM_BITS}`, 32),
    seed: unsigned('seed', args.option('seed') ?? '0'),
  };
  const block = BLOCK_FORMATS.find((format) => format.name === name);
  const scaleRounding = args.option('scale-rounding');
  if (scaleRounding !== undefined && block?.scale !== 'e8m0') {
    throw new UsageError(
      `--scale-rounding is for the MX formats, whose scales are powers of two, not ${shown(name)}`,
    );
  }
  if (block) {
    const rounding = {
      ...how,
      format: flushed ? flushingElements(block) : block,
      scaleRounding: oneOf('scale-rounding', scaleRounding ?? 'floor', SCALE_ROUNDINGS),
    };
    return {
      cpu: (words) => roundBlocks(words, rounding),
      webgpu: (device, words) => roundBlocksOnDevice(device, words, rounding),
    };
  }
  const format = await orUsageError('--format', () => elementFormat(name));
  const rounding = { ...how, format: flushed ? flushing(format) : format };
  return {
    cpu: (words) => roundWords(words, rounding),
    webgpu: (device, words) => roundOnDevice(device, words, rounding),
  };
}

export async function roundCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage:
      'amp round --format fp16|bf16|tf32|e4m3fn|e4m3fn_sat|e5m2|e5m2_sat|e3m2fn|e2m3fn|e2m1fn|e<X>m<Y>|' +
      BLOCK_FORMATS.map(({ name }) => name).join('|') +
      ` [--rounding ${ROUNDING_MODES.join('|')}] [--random-bits 1..32] [--seed n] [--subnormals keep|flush]` +
      ` [--scale-rounding ${SCALE_ROUNDINGS.join('|')}] --backend cpu|webgpu --in in.bin --out out.bin`,
    positionals: [],
    required: ['format', 'backend', 'in', 'out'],
    optional: ['rounding', 'random-bits', 'seed', 'subnormals', 'scale-rounding'],
  });
  const rounding = await roundingOf(args);
  const kind = oneOf('backend', args.required('backend'), BACKENDS);
  const words = await readWords(args.required('in'));
  const rounded =
    kind === 'cpu' ? rounding.cpu(words) : await rounding.webgpu(await requestNodeDevice(), words);
  await writeWords(args.required('out'), rounded);
}
