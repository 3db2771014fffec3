/** Reads the weight that is looked at from a runner. */
import type { Runner } from '../training/backend';
import type { WeightFrame, WeightPlace } from './protocol';

/** Number of lanes, and weights per lane of the tensors whose updates a program keeps. */
export interface WatchableWeights {
  readonly lanes: number;
  readonly sizes: ReadonlyMap<string, number>;
}

const isIndex = (index: number, length: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < length;

export const isWatchable = (
  { lane, parameter, index }: WeightPlace,
  { lanes, sizes }: WatchableWeights,
): boolean => isIndex(lane, lanes) && isIndex(index, sizes.get(parameter) ?? 0);

/** What the arenas of training/stored hold of a weight after so many steps. */
export async function readWeight(runner: Runner, weight: WeightPlace, step: number): Promise<WeightFrame> {
  const { lane, parameter, index } = weight;
  const tensors = [`${parameter}.previous`, `${parameter}.update`, `${parameter}.master`];
  const [before, update, after] = await Promise.all(tensors.map((name) => runner.read(name, lane)));
  return { ...weight, step, before: before[index], update: update[index], after: after[index] };
}
