/**
 * Numbers as people type them, read exactly: `0.1`, `6.5e4`, `2^-14`, `1/3`, `1 + 2^-11`, `3·2^4`, `0x3c00` for the bits
 * themselves, `inf`, `nan`.
 */
import { add, divide, multiply, negate, subtract, type Rational } from './rational';

export type Typed =
  | { readonly kind: 'real'; readonly value: Rational; readonly negativeZero: boolean }
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan' }
  | { readonly kind: 'code'; readonly code: number };

/** Longer texts and larger exponents than any format can need are refused, not computed. */
const MAX_LENGTH = 240;
const MAX_EXPONENT = 400;

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** One way to write each sign: superscripts as ^, typographic signs as ASCII. */
const plain = (text: string): string =>
  text
    .trim()
    .replace(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (digits) =>
      `^${digits}`.replace('⁻', '-').replace(/[⁰-⁹¹²³]/g, (digit) => String(SUPERSCRIPTS.indexOf(digit))),
    )
    .replaceAll('−', '-')
    .replaceAll(/[·×]/g, '*')
    .replaceAll('**', '^')
    .replaceAll(/\s+/g, '')
    .toLowerCase();

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
      if (this.take('+')) value = add(value, this.product());
      else if (this.take('-')) value = subtract(value, this.product());
      else return value;
    }
  }

  private product(): Rational {
    let value = this.signed();
    for (;;) {
      if (this.take('*')) value = multiply(value, this.signed());
      else if (this.take('/')) value = this.quotient(value, this.signed());
      else return value;
    }
  }

  private quotient(a: Rational, b: Rational): Rational {
    if (b.n === 0n) throw new SyntaxError();
    return divide(a, b);
  }

  private signed(): Rational {
    if (this.take('-')) return negate(this.signed());
    if (this.take('+')) return this.signed();
    return this.power();
  }

  private power(): Rational {
    const base = this.take('(') ? this.parenthesis() : this.decimal();
    if (!this.take('^')) return base;
    const exponent = Number(this.match(/-?\d{1,4}/y));
    if (Math.abs(exponent) > MAX_EXPONENT || (exponent < 0 && base.n === 0n)) throw new SyntaxError();
    // Both terms stay within a few thousand bits.
    if (base.n.toString().length + base.d.toString().length > 40 && Math.abs(exponent) > 9) {
      throw new SyntaxError();
    }
    const size = BigInt(Math.abs(exponent));
    const raised = { n: base.n ** size, d: base.d ** size };
    return exponent < 0 ? divide({ n: 1n, d: 1n }, raised) : raised;
  }

  private parenthesis(): Rational {
    const value = this.sum();
    if (!this.take(')')) throw new SyntaxError();
    return value;
  }

  private decimal(): Rational {
    const [whole, fraction = ''] = this.match(/\d+\.?\d*|\.\d+/y).split('.');
    const exponent = this.peek(/e[+-]?\d{1,4}/y) ? Number(this.match(/e[+-]?\d{1,4}/y).slice(1)) : 0;
    if (Math.abs(exponent) > MAX_EXPONENT) throw new SyntaxError();
    const scale = exponent - fraction.length;
    const digits = BigInt(whole + fraction);
    const ten = 10n ** BigInt(Math.abs(scale));
    return scale >= 0 ? { n: digits * ten, d: 1n } : { n: digits, d: ten };
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
