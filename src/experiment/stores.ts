/** Where a lane stores its weights and what its optimizer remembers. */
import { FP32_STORES, type Stores } from '../precision/stores';
import type { LaneConfig } from './experiment';

/** What holds in a lane: its own choice, or what its autocast does. */
export const storesOf = ({ stores }: LaneConfig): Stores => stores ?? FP32_STORES;
