/**
 * The grammar of numbers, read exactly: `0.1`, `6.5e4`, `2^-14`, `2⁻¹⁴`, `2p16`, `1/3`, `1 + 2^-11`, `3·2^4`, `0x1.8p-3`,
 * `0x3c00` for the bits themselves, `inf`, `nan`. Links have numbers in this form. What people type goes through
 * `separators.ts` first, which knows decimal commas and groups of digits.
 */
import { add, divide, multiply, negate, powerOfTwo, subtract, type Rational } from './rational';

export type Typed =
  | { readonly kind: 'real'; readonly value: Rational; readonly negativeZero: boolean }
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan' }
  | { readonly kind: 'code'; readonly code: number };

/**
 * Longer texts and larger numbers than any format can need are refused, not computed: every double has its place,
 * and no text makes the page think for long.
 */
export const MAX_LENGTH = 240;
const MAX_EXPONENT = 1100;
const MAX_BITS = 16_384;
const LIMIT = 1n << BigInt(MAX_BITS);

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** One way to write each sign: superscripts as ^, typographic signs as ASCII. */
const plain = (text: string): string =>
  text
    .trim()
    // The page writes factors as `× 2`.
    .replace(/^×/, '')
    .replace(
      /([⁺⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g,
      (_, sign: string, digits: string) =>
        `^(${sign === '⁻' ? '-' : ''}${Array.from(digits, (digit) => SUPERSCRIPTS.indexOf(digit)).join('')})`,
    )
    .replaceAll(/[−–‐‑]/g, '-')
    .replaceAll(/[·×⋅]/g, '*')
    .replaceAll(/[÷⁄∕]/g, '/')
    .replaceAll('**', '^')
    .replaceAll(/\s+/g, '')
    .toLowerCase();

function limited(value: Rational): Rational {
  if (value.n > LIMIT || value.n < -LIMIT || value.d > LIMIT) throw new SyntaxError();
  return value;
}

function quotient(a: Rational, b: Rational): Rational {
  if (b.n === 0n) throw new SyntaxError();
  return divide(a, b);
}

/** Refuses what would be too large before it is computed. */
function raised(base: Rational, exponent: number): Rational {
  const size = Math.abs(exponent);
  if ((base.n.toString(2).length + base.d.toString(2).length) * size > 2 * MAX_BITS) throw new SyntaxError();
  const power = { n: base.n ** BigInt(size), d: base.d ** BigInt(size) };
  return limited(exponent < 0 ? quotient({ n: 1n, d: 1n }, power) : power);
}

const scaled = (digits: bigint, { n, d }: Rational): Rational => limited({ n: digits * n, d });

/** Throws SyntaxError where the text ends being a number. */
class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  all(): Rational {
    const value = this.sum();
    if (this.at < this.text.length) throw new SyntaxError();
    return value;
  }

  private sum(): Rational {
    let value = this.product();
    for (;;) {
      if (this.take('+')) value = limited(add(value, this.product()));
      else if (this.take('-')) value = limited(subtract(value, this.product()));
      else return value;
    }
  }

  private product(): Rational {
    let value = this.signed();
    for (;;) {
      if (this.take('*')) value = limited(multiply(value, this.signed()));
      else if (this.take('/')) value = limited(quotient(value, this.signed()));
      else return value;
    }
  }

  private signed(): Rational {
    if (this.take('-')) return negate(this.signed());
    if (this.take('+')) return this.signed();
    return this.power();
  }

  private power(): Rational {
    if (this.peek(/2p/y)) {
      this.at += 2;
      return powerOfTwo(this.exponent());
    }
    const base = this.take('(') ? this.parenthesis() : this.literal();
    return this.take('^') ? raised(base, this.exponent()) : base;
  }

  private parenthesis(): Rational {
    const value = this.sum();
    if (!this.take(')')) throw new SyntaxError();
    return value;
  }

  /** `-14`, `+3`, `(-14)`. */
  private exponent(): number {
    const exponent = Number(this.match(/[+-]?\d{1,4}|\([+-]?\d{1,4}\)/y).replace(/[()]/g, ''));
    if (Math.abs(exponent) > MAX_EXPONENT) throw new SyntaxError();
    return exponent;
  }

  private literal(): Rational {
    return this.peek(/0x/y) ? this.hexadecimal() : this.decimal();
  }

  private decimal(): Rational {
    const [whole, fraction = ''] = this.match(/\d+\.?\d*|\.\d+/y).split('.');
    const exponent = this.take('e') ? this.exponent() : 0;
    return scaled(BigInt(whole + fraction), raised({ n: 10n, d: 1n }, exponent - fraction.length));
  }

  /** C's notation for floats. Without a point it needs its exponent: `0x3c00` are bits. */
  private hexadecimal(): Rational {
    const [whole, fraction = ''] = this.match(/0x([\da-f]*\.[\da-f]+|[\da-f]+\.(?=p)|[\da-f]+(?=p))/y).split(
      '.',
    );
    const exponent = this.take('p') ? this.exponent() : 0;
    return scaled(
      BigInt(whole === '0x' ? `0x${fraction}` : whole + fraction),
      powerOfTwo(exponent - 4 * fraction.length),
    );
  }

  private take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private peek(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new SyntaxError();
    this.at += found[0].length;
    return found[0];
  }
}

/** What a text means; null where it is no number. Never throws. */
export function parseTyped(text: string): Typed | null {
  if (text.length > MAX_LENGTH) return null;
  const short = plain(text);
  if (/^[+-]?nan$/.test(short)) return { kind: 'nan' };
  if (/^[+-]?(inf|infinity|∞)$/.test(short)) return { kind: 'infinity', negative: short.startsWith('-') };
  const code = /^0x([0-9a-f]{1,8})$/.exec(short)?.[1] ?? null;
  if (code !== null) return { kind: 'code', code: Number.parseInt(code, 16) };
  const binary = /^0b([01_]{1,40})$/.exec(short)?.[1].replaceAll('_', '') ?? '';
  if (binary !== '' && binary.length <= 32) return { kind: 'code', code: Number.parseInt(binary, 2) };
  try {
    const value = new Reader(short).all();
    return { kind: 'real', value, negativeZero: value.n === 0n && short.startsWith('-') };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
