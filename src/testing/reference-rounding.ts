/** What rounding means, for tests of both backends: sharing nothing with the implementation. */
import type { NumberFormat } from '../numerics/formats';

/** The ways to round that leave nothing to chance; numerics/round-stochastic.test.ts has the other. */
export const DIRECTIONS = ['nearest-even', 'nearest-away', 'toward-zero', 'up', 'down'] as const;
export type DirectedMode = (typeof DIRECTIONS)[number];

const view = new DataView(new ArrayBuffer(4));
export function valueOf(u: number): number {
  view.setUint32(0, u);
  return view.getFloat32(0);
}
export function bitsOf(x: number): number {
  view.setFloat32(0, x);
  return x !== x ? 0x7fc00000 : view.getUint32(0);
}

/** Rounds a non-negative multiple of a unit, given in units, to an integer. */
function roundUnits(units: number, mode: DirectedMode, negative: boolean): number {
  const below = Math.floor(units);
  const rest = units - below;
  if (rest === 0) return below;
  switch (mode) {
    case 'nearest-even':
      return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
    case 'nearest-away':
      return rest >= 0.5 ? below + 1 : below;
    case 'toward-zero':
      return below;
    case 'up':
      return negative ? below : below + 1;
    case 'down':
      return negative ? below + 1 : below;
  }
}

/**
 * What rounding means, spelled out in exact double arithmetic and sharing nothing with the implementation: divide by
 * the unit in the last place, round to an integer, multiply.
 */
export function referenceRound(u: number, format: NumberFormat, mode: DirectedMode): number {
  const x = valueOf(u);
  if (x !== x) return 0x7fc00000;
  if (x === 0) return u;
  const negative = x < 0;
  const signed = (magnitude: number): number => bitsOf(negative ? -magnitude : magnitude);
  const overflow = (): number => {
    if (format.overflow === 'nan') return 0x7fc00000;
    return signed(format.overflow === 'saturate' ? format.maxFinite : Infinity);
  };
  const magnitude = Math.abs(x);
  if (magnitude === Infinity) return overflow();
  let binade = 2 ** -149;
  while (binade * 2 <= magnitude) binade *= 2;
  const unit = Math.max(binade, format.minNormal) * format.epsilon;
  const rounded = roundUnits(magnitude / unit, mode, negative) * unit;
  if (format.subnormals === 'flush' && rounded < format.minNormal) return signed(0);
  if (rounded <= format.maxFinite) return signed(rounded);
  const away = mode === 'nearest-even' || mode === 'nearest-away' || (mode === 'up') !== negative;
  return mode === 'toward-zero' || !away ? signed(format.maxFinite) : overflow();
}
