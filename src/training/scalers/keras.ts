/**
 * Keras 3's LossScaleOptimizer (keras/src/optimizers/loss_scale_optimizer.py). It doubles and halves, has no floor and does
 * not refuse to grow to infinity, where it stays; gradients are divided by the scale.
 */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const keras = lossScaler({
  kind: 'keras',
  name: 'Keras 3',
  source: 'keras-team/keras keras/src/optimizers/loss_scale_optimizer.py',
  rule: 'keras',
  parameters: [
    parameter('initialScale', 2 ** 15, 'initial_scale'),
    parameter('growthInterval', 2000, 'dynamic_growth_steps'),
  ],
  state: [
    { name: 'scale', encoding: 'f32' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'scaled gradients',
  unscale: 'division',
  onOverflow: 'skip',
  raises: {},
  refuses: () => null,
  start: ({ initialScale }) => ({ scale: Math.fround(initialScale), tracker: 0 }),
  update({ scale, tracker }, foundInf, { growthInterval }) {
    if (foundInf) return { scale: Math.fround(scale / 2), tracker: 0 };
    // The counter is looked at before it is counted up.
    if (tracker !== growthInterval - 1) return { scale, tracker: tracker + 1 };
    return { scale: Math.fround(scale * 2), tracker: 0 };
  },
});
