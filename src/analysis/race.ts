/**
 * Loss scalers side by side on one sequence of overflows, without any training: what each does to the scale, which steps
 * it skips, how low it goes, and where it gives up. Pure: the updates are those of the descriptions in training/scalers.
 */
import { uniform } from '../numerics/philox';
import { numbersOf, scalerOf, type ScalerSettings } from '../training/scalers';
import { isRaised, type LossScaler } from '../training/scalers/scaler';

/** FP16 rounds to infinity from here on: half a unit in the last place above 65,504. */
const FP16_LIMIT = 65_520;

/**
 * What the gradients of a run demand: at step i a scale S overflows if the largest magnitude times S reaches
 * `FP16_LIMIT`. An overflow that no scale avoids, because there is an infinity or a NaN before any scaling, is an
 * infinite magnitude.
 */
export interface Demand {
  readonly steps: number;
  /** Largest magnitude of an unscaled gradient at steps without a spike. */
  readonly quiet: number;
  /** Steps, ascending, that overflow whatever the scale. */
  readonly spikes: readonly number[];
}

/** One spike every `period` steps, the first at the end of the first period. */
export const everyPeriod = (steps: number, period: number): number[] =>
  Array.from({ length: Math.floor(steps / period) }, (_, index) => (index + 1) * period - 1);

/** Philox stream of the random spikes. */
const STREAM = 41;

/** Spikes at random, each step by itself with probability `rate`; the same for the same seed on any machine. */
export function atRate(steps: number, rate: number, seed: number): number[] {
  const spikes: number[] = [];
  for (let step = 0; step < steps; step++) if (uniform(seed, STREAM, step) < rate) spikes.push(step);
  return spikes;
}

/** How a scaler came through. */
export interface Raced {
  readonly settings: ScalerSettings;
  /**
   * The scale after a step, where it changed: `scales[i]` holds from after step `at[i]` on. The first entry, at -1, is
   * the scale to begin with.
   */
  readonly at: readonly number[];
  readonly scales: readonly number[];
  /** Steps with infinities or NaN that were not applied. */
  readonly skipped: number;
  /** The first step that was applied with infinities or NaN: the weights are gone. */
  readonly ruinedAt: number | null;
  readonly lowest: { readonly scale: number; readonly step: number };
  /** What ended it before its time; `step` is -1 for numbers that the constructor refuses. */
  readonly raised: { readonly step: number; readonly code: string } | null;
}

/** NaN counts as an overflow, as it does in gradients: 0 times infinity is one. */
const overflows = (magnitude: number, scale: number): boolean =>
  // What multiplies the loss is the scale in binary32, also where the framework keeps a double.
  !(magnitude * Math.fround(scale) < FP16_LIMIT);

/** Gradients cannot be unscaled: f32(1 / scale) is infinite from 2^-128 down, and 0 / 0 is NaN. */
const isUnusable = ({ unscale }: LossScaler, scale: number): boolean =>
  unscale === 'division' ? Math.fround(scale) === 0 : !Number.isFinite(Math.fround(1 / scale));

export function race(settings: ScalerSettings, { steps, quiet, spikes }: Demand): Raced {
  const scaler = scalerOf(settings.kind);
  const parameters = numbersOf(settings);
  const refusal = scaler.refuses(parameters);
  let state = scaler.start(parameters);
  const at = [-1];
  const scales = [state.scale];
  let skipped = 0;
  let ruinedAt: number | null = null;
  let lowest = { scale: state.scale, step: -1 };
  const done = (raised: Raced['raised']): Raced => ({
    settings,
    at,
    scales,
    skipped,
    ruinedAt,
    lowest,
    raised,
  });
  if (refusal !== null) return done({ step: -1, code: refusal });
  let next = 0;
  for (let step = 0; step < steps; step++) {
    const spike = spikes[next] === step;
    if (spike) next++;
    if (scaler.raisesAtZero !== undefined && state.scale === 0) {
      return done({ step, code: scaler.raisesAtZero });
    }
    const unusable = isUnusable(scaler, state.scale);
    const overflow = overflows(spike ? Infinity : quiet, state.scale);
    const found =
      scaler.looksAt !== 'never' && (overflow || (unusable && scaler.looksAt === 'unscaled gradients'));
    const updated = scaler.update(state, found, parameters);
    if (isRaised(updated)) return done({ step, code: updated.raises });
    if (found && scaler.onOverflow === 'skip') skipped++;
    else if (overflow || unusable) ruinedAt ??= step;
    if (updated.scale !== state.scale) {
      at.push(step);
      scales.push(updated.scale);
      if (updated.scale < lowest.scale) lowest = { scale: updated.scale, step };
    }
    state = updated;
  }
  return done(null);
}

/** The scale in force after `steps` steps; null once the scaler has given up. */
export function scaleAfter({ at, scales, raised }: Raced, steps: number): number | null {
  if (raised !== null && steps > raised.step) return null;
  let low = 0;
  let high = at.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at[middle] < steps) low = middle;
    else high = middle;
  }
  return scales[low];
}

/**
 * The rate of overflows that no scale avoids beyond which the scale drifts to zero. A spike lowers log2 S by `down`;
 * N clean steps in a row, which have the probability q = (1 - p)^N, raise it by `up`; before a spike there are q / (1 - q)
 * such stretches on average. The two balance at q = down / (up + down); for × 2 and × 1/2 that is p = 1 - 2^(-1/N) ≈ ln 2 / N.
 * Hysteresis is left out: with it more is borne. Null where the scale does not move both ways.
 */
export function criticalRate(settings: ScalerSettings): number | null {
  const numbers = numbersOf(settings);
  const interval = numbers.growthInterval;
  if (!(interval > 0)) return null;
  const growth = numbers.growthFactor ?? numbers.factor ?? 2;
  const backoff = numbers.backoffFactor ?? 1 / (numbers.factor ?? 2);
  const [up, down] = [Math.log2(growth), -Math.log2(backoff)];
  return -Math.expm1(Math.log(down / (up + down)) / interval);
}
