/** Which casts there are in a lane only because of formats chosen by hand, and which are gone because of them. */
import { lanePrecision } from '../experiment/precision';
import type { LaneConfig } from '../experiment/experiment';
import { demandOf } from '../precision/autocast';
import { trainingPlan, type AppendBatch, type Network } from '../training/step';

export interface CastChanges {
  /** Names of sites. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const NONE: CastChanges = { added: [], removed: [] };
const NO_OPTIMIZER = { contents: new Map<string, Float32Array>(), append: () => undefined };

/** Looks at the sites of a program of this lane alone, with and without what was chosen by hand. */
export function castChanges(lane: LaneConfig, network: Network, batch: AppendBatch): CastChanges {
  if (Object.keys(lane.siteFormats).length === 0) return NONE;
  const sitesOf = (config: LaneConfig): readonly string[] =>
    trainingPlan(network, batch, NO_OPTIMIZER, demandOf([lanePrecision(config)])).sites.map(
      ({ name }) => name,
    );
  const [byHand, byTable] = [sitesOf(lane), sitesOf({ ...lane, siteFormats: {} })];
  return {
    added: byHand.filter((name) => !byTable.includes(name)),
    removed: byTable.filter((name) => !byHand.includes(name)),
  };
}
