/**
 * fairseq's DynamicLossScaler (fairseq/optim/dynamic_loss_scaler.py). The scale is a Python double. Overflows are borne as
 * long as their share of the steps since the last change of scale is below `tolerance`; a scale at or below
 * `minimumScale` ends the training, unless `threshold` holds it above. `tracker` is the number of iterations.
 */
import { LIMIT_BOUND, parameter } from './parameters.ts';
import { lossScaler, pythonMax } from './scaler.ts';

export const fairseq = lossScaler({
  kind: 'fairseq',
  name: 'fairseq',
  source: 'facebookresearch/fairseq fairseq/optim/dynamic_loss_scaler.py',
  rule: 'fairseq',
  parameters: [
    parameter('initialScale', 2 ** 15, 'init_scale'),
    parameter('factor', 2, 'scale_factor'),
    parameter('growthInterval', 2000, 'scale_window'),
    {
      name: 'tolerance',
      key: 't',
      usual: 0,
      bound: { min: 0, max: 1 },
      live: true,
      encoding: 'f64',
      as: 'share',
      called: 'tolerance',
    },
    {
      name: 'threshold',
      key: 'p',
      // None, which for a scale that is not negative is the same.
      usual: 0,
      bound: LIMIT_BOUND,
      live: true,
      encoding: 'f64',
      as: 'power of two',
      called: 'threshold',
    },
    parameter('minimumScale', 1e-4, 'min_loss_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f64' },
    { name: 'tracker', encoding: 'i32' },
    { name: 'lastOverflow', encoding: 'i32' },
    { name: 'lastRescale', encoding: 'i32' },
    { name: 'overflows', encoding: 'i32' },
  ],
  looksAt: 'gradient norm',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: {
    'minimum-reached': {
      type: 'FloatingPointError',
      message:
        'Minimum loss scale reached ({minimumScale}). Your loss is probably exploding. Try lowering the learning ' +
        'rate, using gradient clipping or increasing the batch size.',
    },
    'window-of-zero': { type: 'ZeroDivisionError', message: 'integer modulo by zero' },
  },
  refuses: () => null,
  start: ({ initialScale }) => ({
    scale: initialScale,
    tracker: 0,
    lastOverflow: -1,
    lastRescale: -1,
    overflows: 0,
  }),
  update(state, foundInf, parameters) {
    const { scale, tracker } = state;
    if (!foundInf) {
      if (parameters.growthInterval === 0) return { raises: 'window-of-zero' };
      if ((tracker - state.lastOverflow) % parameters.growthInterval !== 0) {
        return { ...state, tracker: tracker + 1 };
      }
      return { ...state, scale: scale * parameters.factor, tracker: tracker + 1, lastRescale: tracker };
    }
    const overflows = state.overflows + 1;
    // 1000 stands for the first step after a change, as there.
    const share = overflows / (tracker - state.lastRescale || 1000);
    const borne = share < parameters.tolerance;
    const lower = borne ? scale : pythonMax(scale / parameters.factor, parameters.threshold);
    if (lower <= parameters.minimumScale) return { raises: 'minimum-reached' };
    return {
      scale: lower,
      tracker: tracker + 1,
      lastOverflow: tracker,
      lastRescale: borne ? state.lastRescale : tracker,
      overflows: borne ? overflows : 0,
    };
  },
});
