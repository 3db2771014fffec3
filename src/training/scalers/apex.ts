/**
 * NVIDIA Apex's LossScaler (apex/amp/scaler.py, before apex.amp was removed). The scale is a Python double. Static, the
 * scaler counts and does nothing else: a step with infinities is executed.
 */
import { parameter } from './parameters.ts';
import { lossScaler, pythonMax, pythonMin } from './scaler.ts';

const SOURCE = 'NVIDIA/apex apex/amp/scaler.py';
/** unscale() divides 1 by a scale that is a Python number. */
const AT_ZERO = { 'division-by-zero': { type: 'ZeroDivisionError', message: 'float division by zero' } };

export const apex = lossScaler({
  kind: 'apex',
  name: 'Apex',
  source: SOURCE,
  rule: 'apex',
  parameters: [
    parameter('initialScale', 2 ** 16, 'init_scale'),
    parameter('growthInterval', 2000, 'scale_window'),
    parameter('minimumScale', 0, 'min_loss_scale'),
    parameter('maximumScale', 2 ** 24, 'max_loss_scale'),
  ],
  state: [
    { name: 'scale', encoding: 'f64' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'skip',
  raises: AT_ZERO,
  raisesAtZero: 'division-by-zero',
  refuses: () => null,
  start: ({ initialScale, maximumScale }) => ({ scale: pythonMin(maximumScale, initialScale), tracker: 0 }),
  update(before, foundInf, { growthInterval, minimumScale, maximumScale }) {
    let { scale, tracker } = before;
    if (foundInf) {
      // A minimum of 0 is false, hence none.
      scale = minimumScale === 0 ? scale / 2 : pythonMax(minimumScale, scale / 2);
      tracker = 0;
    } else {
      tracker += 1;
    }
    if (tracker !== growthInterval) return { scale, tracker };
    return { scale: pythonMin(maximumScale, scale * 2), tracker: 0 };
  },
});

export const apexStatic = lossScaler({
  kind: 'apex-static',
  name: 'Apex static',
  source: SOURCE,
  rule: 'apex-static',
  parameters: [parameter('scale', 128, 'loss_scale')],
  state: [
    { name: 'scale', encoding: 'f64' },
    { name: 'tracker', encoding: 'i32' },
  ],
  looksAt: 'scaled gradients',
  unscale: 'reciprocal',
  onOverflow: 'apply',
  raises: AT_ZERO,
  raisesAtZero: 'division-by-zero',
  refuses: () => null,
  start: ({ scale }) => ({ scale, tracker: 0 }),
  update: ({ scale, tracker }) => ({ scale, tracker: tracker + 1 }),
});
