/**
 * DeepMind's jmp.DynamicLossScale (jmp/_src/loss_scale.py). Gradients are unscaled first and looked at then. A floor other
 * than 1 holds as long as the object does not pass through jax.tree_util, which drops it.
 */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const jmp = lossScaler({
  kind: 'jmp',
  name: 'jmp',
  source: 'google-deepmind/jmp jmp/_src/loss_scale.py',
  rule: 'jmp',
  parameters: [
    parameter('initialScale', 2 ** 15, 'loss_scale'),
    parameter('growthInterval', 2000, 'period'),
    parameter('factor', 2, 'factor'),
    parameter('minimumScale', 1, 'min_loss_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f32' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'unscaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {},
  refuses: () => null,
  start: ({ initialScale }) => ({ scale: Math.fround(initialScale), tracker: 0 }),
  update({ scale, tracker }, foundInf, { growthInterval, factor, minimumScale }) {
    const by = Math.fround(factor);
    // jnp.maximum, like Math.max, hands NaN on.
    if (foundInf) {
      return { scale: Math.max(Math.fround(minimumScale), Math.fround(scale / by)), tracker: 0 };
    }
    const counted = (tracker + 1) % growthInterval;
    if (tracker !== growthInterval - 1) return { scale, tracker: counted };
    const grown = Math.fround(scale * by);
    return { scale: Number.isFinite(grown) ? grown : scale, tracker: counted };
  },
});
