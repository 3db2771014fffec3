/** `amp dot`: dot products of records of f32 bit patterns, added up as `--accumulate` says. */
import { dotOnDevice } from '../examination/dot-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { parseAccumulation, type Accumulation } from '../numerics/accumulation';
import { accumulationWords } from '../numerics/accumulation-procedures';
import { castOperands, dotRecords, recordWords } from '../examination/dot-records';
import { FORMATS, parseFormat, type NumberFormat } from '../numerics/formats';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { BACKENDS } from './backend';
import { orUsageError } from './errors';
import { readWords, requireRows, writeWords } from './files';

const MAX_K = 2 ** 20;

/** In upper or lower case. E4M3 is the format of that name which GPUs have, without infinities. */
function parseOperandFormat(name: string): NumberFormat {
  const lower = name.toLowerCase();
  return lower === 'e4m3' ? FORMATS.e4m3fn : parseFormat(lower);
}

/** Refuses what the engine would take for an order to do something else. */
function requirePossible(accumulation: Accumulation, format: NumberFormat): void {
  if (accumulation.kind === 'tensor-core' && format === FORMATS.fp32) {
    throw new RangeError('No tensor core multiplies fp32.');
  }
  accumulationWords(accumulation, format, format, format);
}

export async function dotCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage:
      'amp dot --accumulate fp32|format|format-fma|chunked:<n>|pairwise|kahan|tensor-core:<gpu> --format fp16|bf16|tf32|e4m3|e5m2|fp32 --k <terms> --backend cpu|webgpu --in in.bin --out out.bin',
    positionals: [],
    required: ['accumulate', 'format', 'k', 'backend', 'in', 'out'],
    optional: [],
  });
  const accumulation = await orUsageError('--accumulate', () =>
    parseAccumulation(args.required('accumulate')),
  );
  const format = await orUsageError('--format', () => parseOperandFormat(args.required('format')));
  await orUsageError('--accumulate', () => {
    requirePossible(accumulation, format);
  });
  const k = positiveInteger('k', args.required('k'), MAX_K);
  const kind = oneOf('backend', args.required('backend'), BACKENDS);
  const path = args.required('in');
  const given = await readWords(path);
  requireRows(path, given, recordWords(k));
  const task = { accumulation, format, k };
  const { records, changed } = castOperands(given, task);
  if (changed > 0) console.error(`amp: ${changed} operands were rounded to ${format.name}`);
  const sums =
    kind === 'cpu' ? dotRecords(records, task) : await dotOnDevice(await requestNodeDevice(), records, task);
  await writeWords(args.required('out'), sums);
}
