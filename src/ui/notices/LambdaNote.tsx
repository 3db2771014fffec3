import type { ReactNode } from 'react';
import { powerLabel } from '../../analysis/numbers';
import { baselineLane, differencesBetween, lossWeightMoved } from '../../analysis/twin';
import { liveValues } from '../../experiment/apply';
import type { Experiment } from '../../experiment/experiment';
import { differencesText } from '../../i18n/diagnosis';
import { laneNames } from '../../i18n/lane-names';
import { countText, i18n } from '../i18n';
import { useSelect } from '../store/react';

/**
 * Says what λ does to the experiment, without which nobody would know why a toy underflows, and what really is the
 * same between the lanes.
 */
export function LambdaNote(): ReactNode {
  const experiment = useSelect((state) => state.experiment);
  // The step matters only where it passes a live change.
  const step = useSelect(
    ({ views }) => experiment.interventions.findLast((each) => each.step <= views.counters.step)?.step ?? 0,
  );
  const text = [lambdaText(experiment, step), samenessText(experiment, step)]
    .filter(Boolean)
    .join(i18n.t('said.between-sentences'));
  return text === '' ? null : <p className="lambda-note">{text}</p>;
}

function lambdaText(experiment: Experiment, step: number): string {
  const all = experiment.lanes.map((_, lane) => liveValues(experiment, lane, step).lossWeightExponent);
  const moved = experiment.lanes.map((_, lane) => lossWeightMoved(experiment, lane, step));
  const newest = moved.reduce((latest, each) => (each === null ? latest : Math.max(latest ?? 0, each)), null);
  const parts: string[] = [];
  if (all.some((exponent) => exponent !== all[0])) parts.push(i18n.t('lambda.mixed'));
  else if (all[0] !== 0) parts.push(i18n.t('lambda.on', { power: powerLabel(all[0]) }));
  if (newest !== null) parts.push(i18n.t('lambda.moved', { step: countText(newest) }));
  else if (parts.length > 0) parts.push(i18n.t('lambda.onUnchanged'));
  return parts.join(i18n.t('said.between-sentences'));
}

function samenessText(experiment: Experiment, step: number): string {
  const { lanes } = experiment;
  if (lanes.length === 1) return '';
  const baseline = baselineLane(experiment);
  const names = laneNames(experiment);
  const items = lanes.flatMap((_, lane) => {
    const differences = differencesBetween(experiment, lane, baseline ?? 0, step);
    if (differences.length === 0) return [];
    return i18n.t('lambda.item', { lane: names[lane], differences: differencesText(differences) });
  });
  if (items.length > 0) return i18n.t('lambda.notSame', { items: items.join('; ') });
  return i18n.t(baseline === null ? 'lambda.sameNoBaseline' : 'lambda.same');
}
