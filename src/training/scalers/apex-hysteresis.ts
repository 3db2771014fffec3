/**
 * Apex's update_scale_hysteresis kernel (csrc/update_scale_hysteresis.cu), which NeMo trains with: PyTorch's update, but
 * overflows lower the scale only after `hysteresis` of them in a row. Any clean step refills it.
 */
import { scaleTimes } from '../../numerics/f64.ts';
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const apexHysteresis = lossScaler({
  kind: 'apex-hysteresis',
  name: 'Apex with hysteresis',
  source: 'NVIDIA/apex csrc/update_scale_hysteresis.cu',
  rule: 'apex-hysteresis',
  // The caller passes all of them; these are PyTorch's, with the hysteresis of Megatron-LM.
  parameters: [
    parameter('initialScale', 2 ** 16, 'init_scale'),
    parameter('growthFactor', 2, 'growth_factor'),
    parameter('backoffFactor', 0.5, 'backoff_factor'),
    parameter('growthInterval', 2000, 'growth_interval'),
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
  raises: {},
  refuses: () => null,
  start: ({ initialScale, hysteresis }) => ({ scale: Math.fround(initialScale), tracker: 0, hysteresis }),
  update({ scale, tracker, hysteresis }, foundInf, parameters) {
    if (foundInf) {
      const left = hysteresis - 1;
      const lower = left > 0 ? scale : scaleTimes(scale, parameters.backoffFactor);
      return { scale: lower, tracker: 0, hysteresis: left };
    }
    const refilled = parameters.hysteresis;
    if (tracker + 1 !== parameters.growthInterval) {
      return { scale, tracker: tracker + 1, hysteresis: refilled };
    }
    const grown = scaleTimes(scale, parameters.growthFactor);
    return { scale: Number.isFinite(grown) ? grown : scale, tracker: 0, hysteresis: refilled };
  },
});
