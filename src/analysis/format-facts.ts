/** What one wants to know of a number format before using it, derived from its definition. */
import { encode } from '../numerics/codes';
import type { NumberFormat } from '../numerics/formats';

export interface FormatFacts {
  /** Exponents of two: of the smallest positive value, of the smallest normal one, and log2 of the largest. */
  readonly lowest: number;
  readonly lowestNormal: number;
  readonly highest: number;
  /** Significant bits of a normal value, the implicit one included, and what they are in decimal digits. */
  readonly precision: number;
  readonly decimalDigits: number;
  /** Different finite values; the two zeros are one. */
  readonly finiteValues: number;
  readonly infinities: number;
  readonly nanCodes: number;
}

export function factsOf(format: NumberFormat): FormatFacts {
  const { significandBits, storageBits, hasInfinity, subnormals } = format;
  const finiteMagnitudes = encode(format.maxFiniteBits, format) + 1;
  const lost = subnormals === 'flush' ? 2 ** significandBits - 1 : 0;
  const infinities = hasInfinity ? 2 : 0;
  const precision = significandBits + 1;
  return {
    lowest: Math.log2(format.minSubnormal),
    lowestNormal: Math.log2(format.minNormal),
    highest: Math.log2(format.maxFinite),
    precision,
    decimalDigits: precision * Math.log10(2),
    finiteValues: 2 * (finiteMagnitudes - lost) - 1,
    infinities,
    nanCodes: 2 ** storageBits - 2 * finiteMagnitudes - infinities,
  };
}
