/** Arithmetic on rows of storage codes on a device. */
import arithmeticShader from '../../shaders/examination/arithmetic_kernel.wgsl';
import {
  OPERAND_COUNT,
  requireCodeArithmetic,
  type ArithmeticOperation,
} from '../numerics/format-arithmetic';
import { formatWords, type NumberFormat } from '../numerics/formats';
import { runRows } from './row-kernel';

/** `calculateCodes` of src/numerics/format-arithmetic.ts, the same codes. */
export async function calculateCodesOnDevice(
  device: GPUDevice,
  operation: ArithmeticOperation,
  codes: Uint16Array,
  format: NumberFormat,
): Promise<Uint16Array<ArrayBuffer>> {
  requireCodeArithmetic(format);
  const { exponentBits, significandBits, hasInfinity } = format;
  const codeWords = [exponentBits, significandBits, hasInfinity ? 1 : 0, 0];
  const uniform = Uint32Array.from([...formatWords(format), ...codeWords]);
  const kernel = { shader: arithmeticShader, entryPoint: `${operation}_codes`, uniform };
  return Uint16Array.from(await runRows(device, kernel, Uint32Array.from(codes), OPERAND_COUNT[operation]));
}
