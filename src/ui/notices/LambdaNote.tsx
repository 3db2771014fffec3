import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerLabel } from '../../analysis/numbers';
import { liveValue } from '../store/live';
import { useSelect } from '../store/react';

/** Says what λ does to the experiment; without it nobody would know why a toy underflows. */
export function LambdaNote(): ReactNode {
  const { t } = useTranslation();
  const exponent = useSelect((state) => {
    const all = state.experiment.lanes.map((_, lane) => liveValue(state, lane, 'lossWeightExponent'));
    return all.every((each) => each === all[0]) ? all[0] : null;
  });
  const text =
    exponent === null
      ? t('lambda.mixed')
      : exponent === 0
        ? t('lambda.off')
        : t('lambda.on', { power: powerLabel(exponent) });
  return <p className="lambda-note">{text}</p>;
}
