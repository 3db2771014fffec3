/** Where the race's lines run, in pixels. */
import type { Raced } from '../../analysis/race';

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Steps at the left and the right end. */
  readonly steps: number;
  /** Exponents at the bottom and at the top. */
  readonly domain: readonly [number, number];
}

export const xOf = ({ left, right, steps }: Plot, step: number): number =>
  left + ((right - left) * step) / steps;

/** What has left the axis stands at its end: a scale of 0, an infinite one. */
export function yOf({ top, bottom, domain: [low, high] }: Plot, exponent: number): number {
  const within = Math.min(high, Math.max(low, Number.isNaN(exponent) ? low : exponent));
  return bottom - ((bottom - top) * (within - low)) / (high - low);
}

export const stepAt = (plot: Plot, x: number): number =>
  Math.min(
    plot.steps - 1,
    Math.max(0, Math.floor(((x - plot.left) / (plot.right - plot.left)) * plot.steps)),
  );

/** Where a racer's line ends. */
export const lastStep = ({ raised }: Raced, steps: number): number =>
  raised === null ? steps : Math.max(0, raised.step);

/**
 * The steps of a scale as an SVG path. Within a column of pixels only the first, the lowest, the highest and the last
 * level are drawn, so a line of 100,000 steps has no more points than one can see.
 */
export function scalePath(raced: Raced, plot: Plot): string {
  const { at, scales } = raced;
  let y = yOf(plot, Math.log2(scales[0]));
  const parts = [`M${plot.left.toFixed(1)} ${y.toFixed(1)}`];
  for (let i = 1; i < at.length;) {
    const x = xOf(plot, at[i] + 1);
    let [low, high, last] = [y, y, y];
    // At least one change, and all others in the same pixel.
    do {
      last = yOf(plot, Math.log2(scales[i]));
      low = Math.min(low, last);
      high = Math.max(high, last);
      i++;
    } while (i < at.length && xOf(plot, at[i] + 1) - x < 1);
    parts.push(`H${x.toFixed(1)}`);
    if (low < Math.min(y, last)) parts.push(`V${low.toFixed(1)}`);
    if (high > Math.max(y, last)) parts.push(`V${high.toFixed(1)}`);
    parts.push(`V${last.toFixed(1)}`);
    y = last;
  }
  parts.push(`H${xOf(plot, lastStep(raced, plot.steps)).toFixed(1)}`);
  return parts.join('');
}

/** Ticks at steps, one for a column of pixels. */
export function spikePath(spikes: readonly number[], plot: Plot, top: number, bottom: number): string {
  const parts: string[] = [];
  let before = -Infinity;
  for (const step of spikes) {
    const x = xOf(plot, step + 0.5);
    if (x - before < 1) continue;
    before = x;
    parts.push(`M${x.toFixed(1)} ${top}V${bottom}`);
  }
  return parts.join('');
}

/** The exponents of all scales that were reached, for the axis; 0 and infinity have none. */
export function exponentRange(results: readonly Raced[]): readonly [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { scales } of results) {
    for (const scale of scales) {
      const exponent = Math.log2(scale);
      if (!Number.isFinite(exponent)) continue;
      if (exponent < low) low = exponent;
      if (exponent > high) high = exponent;
    }
  }
  return low <= high ? [low, high] : null;
}

/** About how wide a character of a label is, in its font size. */
const CHARACTER = 0.65;

/**
 * Every so many of the labels of an axis that there is room for all that stay: with text twice as large, a phone has room
 * for few.
 */
export function thatFit<Tick>(
  ticks: readonly Tick[],
  label: (tick: Tick) => string,
  width: number,
  fontSize: number,
): readonly Tick[] {
  const longest = Math.max(...ticks.map((tick) => label(tick).length));
  const room = (longest + 1) * CHARACTER * fontSize;
  const every = Math.max(1, Math.ceil((room * (ticks.length - 1)) / Math.max(1, width)));
  return ticks.filter((_, index) => index % every === 0);
}
