/** What the analysis needs to know of a lane's loss scaler, from its description. */
import type { LaneConfig } from '../experiment/experiment';
import { scalerOf } from '../training/scalers';

type Scaled = Pick<LaneConfig, 'scaler'>;

/** Whether the scale moves by itself. */
export const movesScale = ({ scaler }: Scaled): boolean =>
  scalerOf(scaler.kind).parameters.some(({ name }) => name === 'growthInterval');
