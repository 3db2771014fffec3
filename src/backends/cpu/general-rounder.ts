/**
 * Rounding at a cast site in any direction, stochastic included: the `general_rounding` variant of
 * shaders/engine/sites.wgsl in TypeScript.
 */
import { ROUNDING_STREAM } from '../../graph/layout/tables';
import type { Site } from '../../graph/tensor';
import {
  roundingDescriptor,
  type NumberFormat,
  type Rounding,
  type RoundingDescriptor,
} from '../../numerics/formats';
import { philox4x32 } from '../../numerics/philox';
import { roundBitsWith } from '../../numerics/round';
import { CountingRounder } from './rounder';

const MAGNITUDE = 0x7fffffff;
/** One unit of f32's exponent field: subtracting it from a bit pattern halves the value. */
const HALVED = 0x00800000;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Rounds and counts at one site of one lane. */
export class GeneralRounder extends CountingRounder {
  readonly #stream: number;
  readonly #rounding: Rounding;
  readonly #seed: number;
  #descriptor!: RoundingDescriptor;
  #maxFinite = 0;
  #step = 0;
  /** The random numbers of four neighbouring elements, and which four. */
  readonly #words = new Uint32Array(4);
  #block = -1;

  /** @param random the lane's rounding, and the key of its random numbers */
  constructor(site: Site, format: NumberFormat, random: { rounding: Rounding; seed: number }) {
    super(site, format);
    this.#stream = site.stream;
    this.#rounding = random.rounding;
    this.#seed = random.seed;
    this.setFormat(format);
  }

  override setFormat(format: NumberFormat): void {
    super.setFormat(format);
    this.#descriptor = roundingDescriptor(format, this.#rounding.mode, this.#rounding.randomBits);
    this.#maxFinite = format.maxFiniteBits;
  }

  override begin(step: number): void {
    this.#step = step;
    this.#block = -1;
  }

  override round(value: number, index: number): number {
    float[0] = value;
    const u = bits[0];
    const random = this.#rounding.mode === 'stochastic' ? this.#random(index) : 0;
    const rounded = roundBitsWith(u, this.#descriptor, random);
    this.count(u & MAGNITUDE, rounded & MAGNITUDE, this.#exceeds(u, random));
    bits[0] = rounded;
    return float[0];
  }

  override roundUncounted(value: number, index: number): number {
    float[0] = value;
    const random = this.#rounding.mode === 'stochastic' ? this.#random(index) : 0;
    bits[0] = roundBitsWith(bits[0], this.#descriptor, random);
    return float[0];
  }

  #random(index: number): number {
    const block = index >>> 2;
    if (block !== this.#block) {
      this.#block = block;
      philox4x32(block, this.#stream, this.#step, ROUNDING_STREAM, this.#seed, 0, this.#words);
    }
    return this.#words[index & 3];
  }

  /**
   * Whether a finite value, rounded without a limit to its exponent, lies beyond the largest finite number. Just above
   * that number the same value one binade lower tells whether the dropped bits round up.
   */
  #exceeds(u: number, random: number): boolean {
    const magnitude = u & MAGNITUDE;
    if (magnitude <= this.#maxFinite) return false;
    if (magnitude > this.#maxFinite + ~this.#descriptor.mask) return true;
    const halved = roundBitsWith(u - HALVED, this.#descriptor, random) & MAGNITUDE;
    return halved > this.#maxFinite - HALVED;
  }
}
