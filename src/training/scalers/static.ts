/** A constant loss scale. Steps with infinities are skipped, as GradScaler.step does; the scale stays. */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const staticScale = lossScaler({
  kind: 'static',
  name: 'static scale',
  source: 'pytorch/pytorch torch/amp/grad_scaler.py (step without update)',
  rule: null,
  parameters: [parameter('scale', 2 ** 16, 'init_scale')],
  state: [{ name: 'scale', encoding: 'f32' }],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {},
  refuses: () => null,
  start: ({ scale }) => ({ scale: Math.fround(scale) }),
  update: (state) => state,
});
