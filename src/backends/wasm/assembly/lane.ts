/** What optimizers and the end of a step ask of a lane. */
import { Scalar } from './f32';
import {
  HEADER_FOUND_INF,
  headerWord,
  Lane,
  LANE_RAISED,
  LANE_SKIPS_OVERFLOW,
  rowFloat,
  rowWord,
} from './layout';

/** Whether the optimizer leaves the parameters as they are in this step. */
export function skipsStep(lane: Lane): bool {
  const foundInf = headerWord(lane, HEADER_FOUND_INF) != 0;
  return rowWord(lane, LANE_RAISED) != 0 || (foundInf && rowWord(lane, LANE_SKIPS_OVERFLOW) != 0);
}

/** A number of the lane's row, four times. */
export function splat(lane: Lane, offset: usize): v128 {
  return f32x4.splat(Scalar.flush(rowFloat(lane, offset)));
}
