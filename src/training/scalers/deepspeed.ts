/**
 * DeepSpeed's two dynamic scalers. DynamicLossScaler (deepspeed/runtime/fp16/loss_scaler.py) serves ZeRO 1 to 3;
 * FP16_Optimizer (deepspeed/runtime/fp16/fused_optimizer.py, _update_scale) trains without ZeRO, knows no hysteresis and
 * does not raise. Both keep the scale in a Python double.
 *
 * DeepSpeed counts iterations and remembers the last one that overflowed; `tracker` is their difference less one, the
 * clean steps since then. It is looked at before it is counted up, so the first growth takes window + 1 clean steps.
 */
import { parameter } from './parameters.ts';
import { lossScaler, pythonMax, type Raised } from './scaler.ts';

const FACTOR = 2;

/** Whether a clean step after `tracker` others grows the scale. */
const grows = (tracker: number, window: number): boolean => tracker > 0 && tracker % window === 0;

const MODULO_BY_ZERO = { type: 'ZeroDivisionError', message: 'integer modulo by zero' };

export const deepspeed = lossScaler({
  kind: 'deepspeed',
  name: 'DeepSpeed',
  source: 'deepspeedai/DeepSpeed deepspeed/runtime/fp16/loss_scaler.py',
  rule: 'deepspeed',
  parameters: [
    parameter('initialScale', 2 ** 16, 'init_scale'),
    parameter('growthInterval', 1000, 'scale_window'),
    parameter('minimumScale', 1, 'min_scale'),
    parameter('hysteresis', 2, 'delayed_shift'),
    parameter('consecutiveHysteresis', 0, 'consecutive_hysteresis'),
    parameter('raiseAtMinimum', 1, 'raise_error_at_min_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f64' },
    { name: 'tracker', encoding: 'i32' },
    { name: 'hysteresis', encoding: 'i32' },
  ],
  looksAt: 'gradient sum',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {
    'minimum-reached': {
      type: 'Exception',
      message: 'Current loss scale already at minimum - cannot decrease scale anymore. Exiting run.',
    },
    'infinite-scale': { type: 'OverflowError', message: 'cannot convert float infinity to integer' },
    'scale-is-nan': { type: 'ValueError', message: 'cannot convert float NaN to integer' },
    'window-of-zero': MODULO_BY_ZERO,
  },
  refuses: () => null,
  start: ({ initialScale, hysteresis }) => ({ scale: initialScale, tracker: 0, hysteresis }),
  update(state, foundInf, parameters) {
    const { scale, tracker, hysteresis } = state;
    const { growthInterval, minimumScale, consecutiveHysteresis } = parameters;
    if (foundInf) {
      if (parameters.hysteresis !== 1 && hysteresis !== 1) {
        return unprintable(scale) ?? { scale, tracker: 0, hysteresis: hysteresis - 1 };
      }
      if (scale === minimumScale && parameters.raiseAtMinimum !== 0) return { raises: 'minimum-reached' };
      const lower = pythonMax(scale / FACTOR, minimumScale);
      return unprintable(scale) ?? unprintable(lower) ?? { scale: lower, tracker: 0, hysteresis };
    }
    const refilled = consecutiveHysteresis !== 0 ? parameters.hysteresis : hysteresis;
    if (tracker > 0 && growthInterval === 0) return { raises: 'window-of-zero' };
    if (!grows(tracker, growthInterval)) return { scale, tracker: tracker + 1, hysteresis: refilled };
    return { scale: scale * FACTOR, tracker: tracker + 1, hysteresis: parameters.hysteresis };
  },
});

/** The line that is logged at an overflow shows int(scale), which there is none of for these. */
function unprintable(scale: number): Raised<'infinite-scale' | 'scale-is-nan'> | null {
  if (Number.isNaN(scale)) return { raises: 'scale-is-nan' };
  return Number.isFinite(scale) ? null : { raises: 'infinite-scale' };
}

export const deepspeedFp16Optimizer = lossScaler({
  kind: 'deepspeed-fp16-optimizer',
  name: 'DeepSpeed FP16_Optimizer',
  source: 'deepspeedai/DeepSpeed deepspeed/runtime/fp16/fused_optimizer.py',
  rule: 'deepspeed-fp16-optimizer',
  parameters: [
    parameter('initialScale', 2 ** 16, 'init_scale'),
    parameter('growthInterval', 1000, 'scale_window'),
    parameter('minimumScale', 1, 'min_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f64' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'gradient sum',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: { 'window-of-zero': MODULO_BY_ZERO },
  refuses: () => null,
  start: ({ initialScale }) => ({ scale: initialScale, tracker: 0 }),
  update({ scale, tracker }, foundInf, { growthInterval, minimumScale }) {
    if (foundInf) return { scale: pythonMax(scale / FACTOR, minimumScale), tracker: 0 };
    if (tracker > 0 && growthInterval === 0) return { raises: 'window-of-zero' };
    return { scale: grows(tracker, growthInterval) ? scale * FACTOR : scale, tracker: tracker + 1 };
  },
});
