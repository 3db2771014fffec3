/**
 * A scaler with every number to choose, to try out what no framework has: PyTorch's update between a minimum and a
 * maximum, with Apex's hysteresis (overflows in a row until the scale gives way; any clean step refills it).
 */
import { scaleTimes } from '../../numerics/f64.ts';
import { parameter } from './parameters.ts';
import { lossScaler } from './scaler.ts';

export const custom = lossScaler({
  kind: 'custom',
  name: 'custom scaler',
  source: 'AMP Playground',
  rule: 'custom',
  parameters: [
    parameter('initialScale', 2 ** 16, 'initial_scale'),
    parameter('growthFactor', 2, 'growth_factor'),
    parameter('backoffFactor', 0.5, 'backoff_factor'),
    parameter('growthInterval', 2000, 'growth_interval'),
    parameter('minimumScale', 1, 'minimum_scale'),
    parameter('maximumScale', 2 ** 24, 'maximum_scale'),
    parameter('hysteresis', 1, 'hysteresis'),
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
      if (left > 0) return { scale, tracker: 0, hysteresis: left };
      const lower = scaleTimes(scale, parameters.backoffFactor);
      return { scale: Math.max(lower, Math.fround(parameters.minimumScale)), tracker: 0, hysteresis: left };
    }
    const refilled = parameters.hysteresis;
    if (tracker + 1 !== parameters.growthInterval) {
      return { scale, tracker: tracker + 1, hysteresis: refilled };
    }
    const grown = scaleTimes(scale, parameters.growthFactor);
    return {
      scale: Math.min(grown, Math.fround(parameters.maximumScale)),
      tracker: 0,
      hysteresis: refilled,
    };
  },
});
