/** A constant loss scale. Steps with infinities are skipped, as GradScaler.step does; the scale stays. */
import type { Scaler } from './scaler';

export const staticScaler: Scaler = { skips: true, update: (state) => state };
