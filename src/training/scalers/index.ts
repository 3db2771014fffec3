/** The loss scalers by the name that lane settings have for them. */
import type { LaneSettings } from '../../graph/lanes';
import { noScaler } from './none';
import { pytorchScaler } from './pytorch';
import type { Scaler } from './scaler';
import { staticScaler } from './static';

export const SCALERS: Readonly<Record<LaneSettings['scaler'], Scaler>> = {
  none: noScaler,
  static: staticScaler,
  dynamic: pytorchScaler,
};
