/**
 * Reading and writing the numbers people type and see: powers of two first, since loss scales and loss weights are
 * powers of two. Powers are never localised.
 */
import { exponentOfTwo } from '../experiment/bounds';

const POWER = /^(?:(-?\d+(?:\.\d+)?)\s*[*×·]\s*)?2\s*(?:\^|\*\*)\s*(-?\d+(?:\.\d+)?)$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Reads `65536`, `6.5e4`, `65,536`, `2^16`, `2**-3` and `3·2^4`; null for anything else. */
export function parseNumber(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll('−', '-')
    .replaceAll(/(?<=\d)[,_\s](?=\d{3})/g, '');
  const power = POWER.exec(plain);
  const value = power
    ? Number(power[1] ?? 1) * 2 ** Number(power[2])
    : DECIMAL.test(plain)
      ? Number(plain)
      : NaN;
  return Number.isFinite(value) ? value : null;
}

/** `2^16`, or up to four significant digits for a value that is no power of two. */
export function powerText(value: number): string {
  const exponent = exponentOfTwo(value);
  return exponent === null ? shortNumber(value) : `2^${exponent}`;
}

/** `16` as `¹⁶`. */
export function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent))
    .split('')
    .map((digit) => SUPERSCRIPTS[Number(digit)]);
  return (exponent < 0 ? '⁻' : '') + digits.join('');
}

/** `2⁻¹⁴`, for axes. */
export const powerLabel = (exponent: number): string => `2${superscript(exponent)}`;

/** Up to four significant digits: `0.02512`, `1.2e-7`, `65536`. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) return String(Number(value.toPrecision(4)));
  return value
    .toExponential(2)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}

/** A share in per cent, with as many digits as it needs to be told from 0 and 100: `0 %`, `0.03 %`, `38.2 %`. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.01) return '<0.01 %';
  if (percent > 99.9) return '>99.9 %';
  return `${percent < 1 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}
