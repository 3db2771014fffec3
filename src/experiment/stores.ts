/** Where a lane stores its weights and what its optimizer remembers. */
import { parseFormat } from '../numerics/formats';
import { autocastNamed } from '../precision';
import type { Stores } from '../precision/stores';
import type { LaneConfig } from './experiment';

/** What holds in a lane: its own choice, or what its autocast does. */
export const storesOf = ({ stores, autocast, format }: LaneConfig): Stores =>
  stores ?? autocastNamed(autocast).stores(parseFormat(format));
