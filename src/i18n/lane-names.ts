/** The names of the lanes of an experiment, in the language of the page. */
import type { Experiment, LaneConfig } from '../experiment/experiment';
import { laneDetails, laneTitle } from '../experiment/lane-name';
import { message } from '../numerics/message';
import { i18n } from './index';
import { messageText } from './said';

export const laneName = (lane: LaneConfig): string => messageText(laneTitle(lane));

/** The same array for the same experiment, so that what is drawn from it can tell that nothing has changed. */
let known = new WeakMap<Experiment, readonly string[]>();
i18n.on('languageChanged', () => (known = new WeakMap()));

/** Names of all lanes, each different: details are added where names would be equal, then numbers. */
export function laneNames(experiment: Experiment): readonly string[] {
  const names = known.get(experiment) ?? differentNames(experiment);
  known.set(experiment, names);
  return names;
}

function differentNames(experiment: Experiment): readonly string[] {
  const plain = experiment.lanes.map(laneName);
  const occurs = (name: string): number => plain.filter((other) => other === name).length;
  const detailed = experiment.lanes.map((lane, i) => {
    const parts = laneDetails(lane);
    if (occurs(plain[i]) === 1 || parts.length === 0 || lane.name) return plain[i];
    return messageText(message('lane-with', { lane: plain[i], parts }));
  });
  const used = new Set<string>();
  return detailed.map((name) => {
    let unique = name;
    for (let copy = 2; used.has(unique); copy++) unique = `${name} #${copy}`;
    used.add(unique);
    return unique;
  });
}
