/** What optimizers and the end of a step ask of a lane. */
import { Scalar, Vector } from './f32';
import {
  HEADER_FOUND_INF,
  headerWord,
  Lane,
  LANE_DIVIDES_BY_SCALE,
  LANE_INVERSE_SCALE,
  LANE_RAISED,
  LANE_SCALE,
  LANE_SKIPS_OVERFLOW,
  rowFloat,
  rowWord,
} from './layout';

/** Whether the optimizer leaves the parameters as they are in this step. */
export function skipsStep(lane: Lane): bool {
  const foundInf = headerWord(lane, HEADER_FOUND_INF) != 0;
  return rowWord(lane, LANE_RAISED) != 0 || (foundInf && rowWord(lane, LANE_SKIPS_OVERFLOW) != 0);
}

/** Takes the loss scale from gradients: by a division, where the scaler's framework divides. */
export class Unscaling {
  /** `divides` and the number to divide by or to multiply with are asked once, in front of a loop. */
  @inline
  static divides(lane: Lane): bool {
    return rowWord(lane, LANE_DIVIDES_BY_SCALE) != 0;
  }

  @inline
  static by(lane: Lane): v128 {
    return splat(lane, Unscaling.divides(lane) ? LANE_SCALE : LANE_INVERSE_SCALE);
  }

  @inline
  static of(gradient: v128, divides: bool, by: v128): v128 {
    return divides ? Vector.div(gradient, by) : Vector.mul(gradient, by);
  }
}

/** A number of the lane's row, four times. */
export function splat(lane: Lane, offset: usize): v128 {
  return f32x4.splat(Scalar.flush(rowFloat(lane, offset)));
}
