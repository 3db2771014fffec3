/** `amp arith`: one operation on rows of storage codes, each result rounded once. */
import { calculateCodesOnDevice } from '../examination/arithmetic-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import {
  ARITHMETIC_OPERATIONS,
  calculateCodes,
  OPERAND_COUNT,
  requireCodeArithmetic,
} from '../numerics/format-arithmetic';
import { parseFormat, type NumberFormat } from '../numerics/formats';
import { oneOf, readArguments } from './arguments';
import { BACKENDS } from './backend';
import { orUsageError, UsageError } from './errors';
import { readCodes, requireRows, writeCodes } from './files';

function parseCodeFormat(name: string): NumberFormat {
  const format = parseFormat(name);
  requireCodeArithmetic(format);
  return format;
}

export async function arithmeticCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: `amp arith --format fp16|bf16|e<X>m<Y>|... --op ${ARITHMETIC_OPERATIONS.join('|')} --backend cpu|webgpu --in in.bin --out out.bin`,
    positionals: [],
    required: ['format', 'op', 'backend', 'in', 'out'],
    optional: [],
  });
  const format = await orUsageError('--format', () => parseCodeFormat(args.required('format')));
  const operation = oneOf('op', args.required('op'), ARITHMETIC_OPERATIONS);
  const kind = oneOf('backend', args.required('backend'), BACKENDS);
  const path = args.required('in');
  const codes = await readCodes(path);
  requireRows(path, codes, OPERAND_COUNT[operation]);
  const unknown = codes.findIndex((code) => code >= 2 ** format.storageBits);
  if (unknown >= 0) {
    throw new UsageError(
      `${path} has the code ${codes[unknown]}, but ${format.name} has ${format.storageBits} bits`,
    );
  }
  const results =
    kind === 'cpu'
      ? calculateCodes(operation, codes, format)
      : await calculateCodesOnDevice(await requestNodeDevice(), operation, codes, format);
  await writeCodes(args.required('out'), results);
}
