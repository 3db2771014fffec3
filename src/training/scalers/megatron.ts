/**
 * Megatron-LM's grad scalers (megatron/core/optimizer/grad_scaler.py). Scale, factors and minimum are tensors of binary32,
 * so products are rounded from rounded factors. Hysteresis is said to count consecutive overflows, but clean steps do
 * not refill it: growth does. Growth to infinity is not refused.
 */
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

const SOURCE = 'NVIDIA/Megatron-LM megatron/core/optimizer/grad_scaler.py';
/** Megatron asserts without a text. */
const ASSERTION = { type: 'AssertionError', message: '' };

export const megatron = lossScaler({
  kind: 'megatron',
  name: 'Megatron-LM',
  source: SOURCE,
  rule: 'megatron',
  parameters: [
    parameter('initialScale', 2 ** 32, 'initial_scale'),
    parameter('minimumScale', 1, 'min_scale'),
    parameter('growthFactor', 2, 'growth_factor'),
    parameter('backoffFactor', 0.5, 'backoff_factor'),
    parameter('growthInterval', 1000, 'growth_interval'),
    parameter('hysteresis', 2, 'hysteresis'),
  ],
  state: [
    { name: 'scale', encoding: 'f32' },
    { name: 'tracker', encoding: 'i32' },
    { name: 'hysteresis', encoding: 'i32' },
  ],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {
    'scale-not-positive': ASSERTION,
    'minimum-not-positive': ASSERTION,
    'minimum-above-initial-scale': ASSERTION,
    'growth-factor-not-above-1': ASSERTION,
    'backoff-factor-not-below-1': ASSERTION,
    'backoff-factor-not-positive': ASSERTION,
    'interval-not-positive': ASSERTION,
    'hysteresis-not-positive': ASSERTION,
  },
  refuses({ initialScale, minimumScale, growthFactor, backoffFactor, growthInterval, hysteresis }) {
    if (!(initialScale > 0)) return 'scale-not-positive';
    if (!(minimumScale > 0)) return 'minimum-not-positive';
    if (!(minimumScale <= initialScale)) return 'minimum-above-initial-scale';
    if (!(growthFactor > 1)) return 'growth-factor-not-above-1';
    if (!(backoffFactor < 1)) return 'backoff-factor-not-below-1';
    if (!(backoffFactor > 0)) return 'backoff-factor-not-positive';
    if (!(growthInterval > 0)) return 'interval-not-positive';
    return hysteresis > 0 ? null : 'hysteresis-not-positive';
  },
  start: ({ initialScale, hysteresis }) => ({ scale: Math.fround(initialScale), tracker: 0, hysteresis }),
  update(state, foundInf, parameters) {
    const { scale, tracker, hysteresis } = state;
    if (foundInf) {
      const left = hysteresis - 1;
      if (left > 0) return { scale, tracker: 0, hysteresis: left };
      const lower = Math.fround(scale * Math.fround(parameters.backoffFactor));
      // torch.max, like Math.max, hands NaN on.
      return { scale: Math.max(lower, Math.fround(parameters.minimumScale)), tracker: 0, hysteresis: left };
    }
    if (tracker + 1 !== parameters.growthInterval) return { scale, tracker: tracker + 1, hysteresis };
    const grown = Math.fround(scale * Math.fround(parameters.growthFactor));
    return { scale: grown, tracker: 0, hysteresis: parameters.hysteresis };
  },
});

/** `--loss-scale`: the scale never moves, and steps with infinities are skipped. */
export const megatronConstant = lossScaler({
  kind: 'megatron-constant',
  name: 'Megatron-LM constant',
  source: SOURCE,
  rule: null,
  parameters: [parameter('scale', 2 ** 12, 'initial_scale')],
  state: [{ name: 'scale', encoding: 'f32' }],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: { 'scale-not-positive': ASSERTION },
  refuses: ({ scale }) => (scale > 0 ? null : 'scale-not-positive'),
  start: ({ scale }) => ({ scale: Math.fround(scale) }),
  update: (state) => state,
});
