/** The numbers of the block that the lab shows, as typed. */
import { FORMATS } from '../../../numerics/formats';
import { readOperand } from '../state';

/** A block of MX, the longest there is. */
export const MAX_BLOCK = 32;

const partsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '');

const isNumber = (part: string): boolean => readOperand(part, FORMATS.fp32, 'nearest-even') !== null;

/** The first part of a list that is no number; undefined where all are. */
export const wrongPart = (text: string): string | undefined => partsOf(text).find((part) => !isNumber(part));

/** A comma with a digit on either side: a decimal comma, or one between two numbers. */
const INNER_COMMA = /(?<=\d),(?=\d)/g;

/** What a typed list may mean, as lists that `blockBits` reads; several where the person has to be asked. */
export function readBlock(typed: string): string[] {
  const lists = [typed.replace(INNER_COMMA, '.'), typed.replace(INNER_COMMA, ', ')];
  return [...new Set(lists)].filter((text) => blockBits(text) !== null);
}

/** f32 bits of numbers with commas or spaces between them; null where one is none, or where there are 0 or over 32. */
export function blockBits(text: string): Uint32Array | null {
  const numbers = partsOf(text);
  if (numbers.length < 1 || numbers.length > MAX_BLOCK) return null;
  const operands = numbers.map((number) => readOperand(number, FORMATS.fp32, 'nearest-even'));
  return operands.every((operand) => operand !== null)
    ? Uint32Array.from(operands, (operand) => operand.bits)
    : null;
}
