/**
 * exp, log, tanh and erf in fixed-point integer arithmetic (BigInt): what the double-precision references of
 * `elementary-reference.ts` are checked against. Numbers are integers in units of 2^-FRACTION. The methods are
 * others than the references use.
 */
import { integerRoot } from './exact-arithmetic';

/** Values down to 2^-126 keep more than 350 significant bits. */
const FRACTION = 480n;
const ONE = 1n << FRACTION;

const multiply = (a: bigint, b: bigint): bigint => (a * b) >> FRACTION;
const divide = (a: bigint, b: bigint): bigint => (a << FRACTION) / b;

/** The double as a fixed-point number; exact for doubles whose last bit is 2^-480 or more. */
export function toFixed(x: number): bigint {
  // Two powers, so that neither factor nor product overflows; the low part is what 2^200 leaves.
  let scaled = x;
  let shift = FRACTION;
  while (!Number.isInteger(scaled)) {
    scaled *= 2 ** 20;
    shift -= 20n;
  }
  return BigInt(scaled) << shift;
}

/** atanh(1/n) = 1/n + 1/(3 n^3) + ...; with alternating signs, atan(1/n). */
function inverseTangent(n: bigint, alternating: boolean): bigint {
  let power = ONE / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += alternating && k % 4n === 3n ? -power / k : power / k;
    power /= n * n;
  }
  return sum;
}

const LN2 = 2n * inverseTangent(3n, false);
/** Machin, 1706. */
const PI = 4n * (4n * inverseTangent(5n, true) - inverseTangent(239n, true));
const TWO_OVER_ROOT_PI = divide(2n * ONE, integerRoot(PI << FRACTION));

export function fixedExp(x: bigint): bigint {
  const n = x / LN2;
  // Squared eight times in the end, so the series has few terms.
  const r = (x - n * LN2) >> 8n;
  let sum = ONE;
  let term = ONE;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = multiply(term, r) / k;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = multiply(sum, sum);
  return n >= 0n ? sum << n : sum >> -n;
}

/** Halley's iteration on e^y = x from any approximation; each step triples the number of correct digits. */
export function fixedLog(x: bigint): bigint {
  const bits = BigInt(x.toString(2).length) - 1n - FRACTION;
  let y = bits * LN2;
  for (let i = 0; i < 8; i++) {
    const power = fixedExp(y);
    y += divide(2n * (x - power), x + power);
  }
  return y;
}

export function fixedTanh(x: bigint): bigint {
  const power = fixedExp(2n * x);
  return divide(power - ONE, power + ONE);
}

/** The alternating series (Abramowitz and Stegun 7.1.5): for |x| up to 6 its terms stay below 2^52. */
export function fixedErf(x: bigint): bigint {
  const z = multiply(x, x);
  let power = x;
  let sum = x;
  for (let n = 1n; power !== 0n && power !== -1n; n++) {
    power = -multiply(power, z) / n;
    sum += power / (2n * n + 1n);
  }
  return multiply(TWO_OVER_ROOT_PI, sum);
}

/** |approximation - exact| / |exact|, to a few digits. */
export function relativeError(approximation: number, exact: bigint): number {
  const difference = toFixed(approximation) - exact;
  const magnitude = exact < 0n ? -exact : exact;
  return Number(((difference < 0n ? -difference : difference) << 200n) / magnitude) * 2 ** -200;
}

/** The first decimals of a nonnegative number, cut off. */
export function decimals(x: bigint, count: number): string {
  const digits = ((x * 10n ** BigInt(count)) >> FRACTION).toString().padStart(count + 1, '0');
  return `${digits.slice(0, -count)}.${digits.slice(-count)}`;
}
