/**
 * PyTorch's dynamic loss scaler, torch.amp.GradScaler: torch/amp/grad_scaler.py and, for the update,
 * aten/src/ATen/native/cuda/AmpKernels.cu, amp_update_scale_cuda_kernel (the CPU kernel is the same text).
 */
import { scaleTimes } from '../../numerics/f64.ts';
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const pytorch = lossScaler({
  kind: 'dynamic',
  name: 'GradScaler',
  source: 'pytorch/pytorch torch/amp/grad_scaler.py',
  rule: 'pytorch',
  parameters: [
    parameter('initialScale', 2 ** 16, 'init_scale'),
    parameter('growthFactor', 2, 'growth_factor'),
    parameter('backoffFactor', 0.5, 'backoff_factor'),
    parameter('growthInterval', 2000, 'growth_interval'),
  ],
  state: [
    { name: 'scale', encoding: 'f32' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {
    'growth-factor-not-above-1': { type: 'AssertionError', message: 'The growth factor must be > 1.0.' },
    'backoff-factor-not-below-1': { type: 'AssertionError', message: 'The backoff factor must be < 1.0.' },
  },
  // Nothing else is looked at: a backoff factor of 0 and a scale of infinity pass.
  refuses({ growthFactor, backoffFactor }) {
    if (!(growthFactor > 1)) return 'growth-factor-not-above-1';
    return backoffFactor < 1 ? null : 'backoff-factor-not-below-1';
  },
  start: ({ initialScale }) => ({ scale: Math.fround(initialScale), tracker: 0 }),
  update({ scale, tracker }, foundInf, { growthFactor, backoffFactor, growthInterval }) {
    // There is no floor: after enough overflows in a row the scale is 0, and stays so.
    if (foundInf) return { scale: scaleTimes(scale, backoffFactor), tracker: 0 };
    const successful = tracker + 1;
    // Equality, so an interval that was lowered below the tracker is missed until an overflow resets the tracker.
    if (successful !== growthInterval) return { scale, tracker: successful };
    const grown = scaleTimes(scale, growthFactor);
    return { scale: Number.isFinite(grown) ? grown : scale, tracker: 0 };
  },
});
