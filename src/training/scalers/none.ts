/** Training without loss scaling: scale 1, nothing is checked and every step is executed. */
import { lossScaler } from './scaler.ts';

export const none = lossScaler({
  kind: 'none',
  name: 'no scaler',
  source: 'pytorch/pytorch torch/amp/grad_scaler.py (enabled=False)',
  rule: null,
  parameters: [],
  state: [{ name: 'scale', encoding: 'f32' }],
  looksAt: 'never',
  unscale: 'reciprocal',
  onOverflow: 'apply',
  raises: {},
  refuses: () => null,
  start: () => ({ scale: 1 }),
  update: (state) => state,
});
