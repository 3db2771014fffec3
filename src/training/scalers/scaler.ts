/** What a loss scaler is. Each has a file of its own; index.ts lists them. */
import type { LaneSettings } from '../../graph/lanes';

export interface ScaleState {
  /** The loss scale in force, an f32 value; subnormals, 0 and infinity occur. */
  readonly scale: number;
  /** Steps without an infinity since the scale last changed. */
  readonly growthTracker: number;
}

export type ScalerSettings = Pick<LaneSettings, 'growthFactor' | 'backoffFactor' | 'growthInterval'>;

export interface Scaler {
  /** Whether a step whose gradients hold an infinity or NaN is skipped. */
  readonly skips: boolean;
  /** State after a step. shaders/training/advance.wgsl computes the same. */
  update(state: ScaleState, foundInf: boolean, settings: ScalerSettings): ScaleState;
}
