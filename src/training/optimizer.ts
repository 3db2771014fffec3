/** What an optimizer is to a training plan; sgd.ts and adam.ts are the ones there are. */
import type { GraphBuilder } from '../graph/builder';
import { HEADER } from '../graph/records';
import type { ReferenceContext } from '../graph/kernel';
import type { LaneState } from '../graph/lanes';
import { ARENA_ALIGNMENT, type Plan } from '../graph/plan';
import { div, mul } from '../numerics/f32';
import { scalerOf } from './scalers';

export interface Optimizer {
  /**
   * Appends the update of all parameters. It divides the gradients by the loss scale (multiplies by the f32
   * reciprocal, as GradScaler.unscale_ does), and a step that the scaler skips changes nothing at all.
   */
  append(builder: GraphBuilder): void;
  /** Dense contents of the shared tensors that it reads, by name. */
  readonly contents: ReadonlyMap<string, Float32Array>;
}

/** Optimizers treat all parameters at once, so many elements to an invocation. */
export const optimizerInvocations = (plan: Plan): number => plan.arenaStride / ARENA_ALIGNMENT;

/** Whether the scaler of a lane skips this step: because of an overflow, or because it has raised and the lane has stopped. */
export const skipsStep = ({ lane, record }: Pick<ReferenceContext, 'lane' | 'record'>): boolean =>
  lane.raised !== 0 ||
  (record[HEADER.foundInf] !== 0 && scalerOf(lane.settings.scaler.kind).onOverflow === 'skip');

/** A gradient without the loss scale, as the scaler's framework takes it away: Keras and Flax divide. */
export const unscaled = ({ settings, scale, inverseScale }: LaneState, gradient: number): number =>
  scalerOf(settings.scaler.kind).unscale === 'division' ? div(gradient, scale) : mul(gradient, inverseScale);
