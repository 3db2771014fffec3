/** Training without loss scaling: scale 1, nothing is checked and every step is executed. */
import type { Scaler } from './scaler';

export const noScaler: Scaler = { skips: false, update: (state) => state };
