/**
 * Flax's DynamicScale (flax/training/dynamic_scale.py), as it computes under jax.jit: all numbers are binary32. Gradients
 * are divided by the scale and looked at then. The counter is tested before it is counted up, so growth takes interval + 1
 * clean steps; the scale stays between the smallest normal number of binary32 and the largest finite one.
 */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

const F32_MAX = 3.4028234663852886e38;

export const flax = lossScaler({
  kind: 'flax',
  name: 'Flax',
  source: 'google/flax flax/training/dynamic_scale.py',
  rule: 'flax',
  parameters: [
    parameter('initialScale', 2 ** 16, 'scale'),
    parameter('growthFactor', 2, 'growth_factor'),
    parameter('backoffFactor', 0.5, 'backoff_factor'),
    parameter('growthInterval', 2000, 'growth_interval'),
    parameter('minimumScale', 2 ** -126, 'minimum_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f32' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'unscaled gradients',
  unscale: 'division',
  onOverflow: 'skip',
  raises: {},
  refuses: () => null,
  start: ({ initialScale }) => ({ scale: Math.fround(initialScale), tracker: 0 }),
  update({ scale, tracker }, foundInf, parameters) {
    const { growthFactor, backoffFactor, growthInterval, minimumScale } = parameters;
    // jnp.maximum and jnp.minimum, like Math.max and Math.min, hand NaN on.
    if (foundInf) {
      const lower = Math.fround(scale * Math.fround(backoffFactor));
      return { scale: Math.max(lower, Math.fround(minimumScale)), tracker: 0 };
    }
    if (tracker !== growthInterval) return { scale, tracker: tracker + 1 };
    const grown = Math.fround(scale * Math.fround(growthFactor));
    return { scale: Math.min(grown, F32_MAX), tracker: 0 };
  },
});
