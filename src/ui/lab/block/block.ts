/** The numbers of the block that the lab shows, as typed. */
import { FORMATS } from '../../../numerics/formats';
import { readOperand } from '../state';

/** A block of MX, the longest there is. */
export const MAX_BLOCK = 32;

/** f32 bits of numbers with commas or spaces between them; null where one is none, or where there are 0 or over 32. */
export function blockBits(text: string): Uint32Array | null {
  const numbers = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (numbers.length < 1 || numbers.length > MAX_BLOCK) return null;
  const operands = numbers.map((number) => readOperand(number, FORMATS.fp32, 'nearest-even'));
  return operands.every((operand) => operand !== null)
    ? Uint32Array.from(operands, (operand) => operand.bits)
    : null;
}
