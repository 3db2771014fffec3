/**
 * Transformer Engine's delayed scaling for FP8 (transformer_engine/common/recipe/delayed_scaling.cu). It is no loss scaler:
 * every tensor has a scale of its own, from the largest magnitudes of the steps before, and no step is ever skipped.
 * All numbers are binary32.
 */

export interface DelayedScalingParameters {
  /** Steps that are remembered, the present one included (amax_history_len). */
  readonly historyLength: number;
  /** Largest finite number of the format: 448 for E4M3, 57344 for E5M2. */
  readonly formatMaximum: number;
  /** Binades that stay free below it. */
  readonly margin: number;
  /** Whether the largest of the history counts, or the latest alone (amax_compute_algo). */
  readonly algorithm: 'max' | 'most_recent';
}

/** What an update needs to know of the parameters. */
export interface DelayedScalingRecipe extends Pick<DelayedScalingParameters, 'algorithm'> {
  /** What the largest magnitude is scaled to, f32. */
  readonly target: number;
}

export const delayedScalingTarget = ({ formatMaximum, margin }: DelayedScalingParameters): number =>
  Math.fround(formatMaximum * Math.fround(2 ** -margin));

export interface DelayedScalingState {
  readonly scale: number;
  /** Largest magnitudes, the latest last. The first place is empty between steps: a step writes its own there. */
  readonly history: readonly number[];
}

const F32_MAX = 3.4028234663852886e38;

/** CUDA's fmaxf: a number beats NaN. */
const largest = (values: readonly number[]): number =>
  values.reduce((a, b) => (Number.isNaN(b) || a > b ? a : b), 0);

export const startDelayedScaling = ({ historyLength }: DelayedScalingParameters): DelayedScalingState => ({
  scale: 1,
  history: Array.from({ length: historyLength }, () => 0),
});

/** @param amax largest magnitude of the tensor in this step, f32 */
export function updateDelayedScaling(
  { scale, history }: DelayedScalingState,
  amax: number,
  recipe: DelayedScalingRecipe,
): DelayedScalingState {
  const latest = Math.fround(amax);
  // A step without values, or with zeros alone, leaves the history alone.
  const rolled = latest === 0 ? [] : [...history.slice(1), latest];
  const decisive = recipe.algorithm === 'most_recent' ? latest : largest(rolled);
  return {
    scale: scaleFor(decisive, recipe.target) ?? scale,
    history: latest === 0 ? history : [0, ...rolled.slice(1)],
  };
}

/** What takes this magnitude to the largest number of the format, or null where nothing does. */
function scaleFor(amax: number, target: number): number | null {
  if (!Number.isFinite(amax) || amax <= 0) return null;
  const scale = Math.fround(target / amax);
  return Number.isFinite(scale) ? scale : F32_MAX;
}
