/**
 * Keras 2's LossScaleOptimizer, _DynamicLossScaleState.update in tf_keras/mixed_precision/loss_scale_optimizer.py: never
 * below 1, so that a scale that started below jumps up to 1 at the first overflow, and never infinite by growth.
 */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const tfKeras = lossScaler({
  kind: 'tf-keras',
  name: 'tf.keras',
  source: 'keras-team/tf-keras tf_keras/mixed_precision/loss_scale_optimizer.py',
  rule: 'tf-keras',
  parameters: [
    parameter('initialScale', 2 ** 15, 'initial_scale'),
    parameter('growthInterval', 2000, 'dynamic_growth_steps'),
    parameter('factor', 2, 'multiplier'),
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
  update({ scale, tracker }, foundInf, { growthInterval, factor }) {
    // The multiplier meets a tensor of binary32 and is one then.
    const multiplier = Math.fround(factor);
    // tf.maximum, like Math.max, hands NaN on.
    if (foundInf) return { scale: Math.max(Math.fround(scale / multiplier), 1), tracker: 0 };
    if (tracker + 1 < growthInterval) return { scale, tracker: tracker + 1 };
    const grown = Math.fround(scale * multiplier);
    return { scale: Number.isFinite(grown) ? grown : scale, tracker: 0 };
  },
});
