/**
 * PyTorch's dynamic loss scaler, torch.amp.GradScaler: torch/amp/grad_scaler.py and, for the update,
 * aten/src/ATen/native/cuda/AmpKernels.cu, amp_update_scale_cuda_kernel (the CPU kernel is the same text).
 */
import { scaleTimes } from '../../numerics/f64';
import type { Scaler } from './scaler';

export const pytorchScaler: Scaler = {
  skips: true,
  update({ scale, growthTracker }, foundInf, { growthFactor, backoffFactor, growthInterval }) {
    // There is no floor: after enough overflows in a row the scale is 0, and stays so.
    if (foundInf) return { scale: scaleTimes(scale, backoffFactor), growthTracker: 0 };
    const successful = growthTracker + 1;
    // Equality, so an interval that was lowered below the tracker is missed until an overflow resets the tracker.
    if (successful !== growthInterval) return { scale, growthTracker: successful };
    const grown = scaleTimes(scale, growthFactor);
    return { scale: Number.isFinite(grown) ? grown : scale, growthTracker: 0 };
  },
};
