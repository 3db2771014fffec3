import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { defaultScaler } from '../../experiment/defaults';
import { laneNames } from '../../i18n/lane-names';
import { liveParametersOf } from '../../training/scalers';
import { scaleControl } from '../store/live';
import { useController, useSelect } from '../store/react';
import { withLane } from '../store/structure';
import { SCALE_SLIDER } from '../widgets/slider-scales';
import { LiveParameter } from './LiveParameter';
import { LiveSlider } from './LiveSlider';
import { ScalerChoice } from './ScalerFields';
import { ScalerMemory } from './ScalerMemory';
import { Section } from './Section';

/** The loss scaling of the selected lane. */
export function ScalerSection(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const index = useSelect((state) => state.selectedLane);
  const name = useSelect((state) => laneNames(state.experiment)[state.selectedLane]);
  const { kind } = useSelect((state) => state.experiment.lanes[state.selectedLane].scaler);
  const control = useSelect(scaleControl);
  return (
    <Section title={`${t('rail.scaling')} · ${name}`}>
      <ScalerChoice
        restarts
        kind={kind}
        onChange={(chosen) =>
          controller.restructure((experiment) =>
            withLane(experiment, index, { ...experiment.lanes[index], scaler: defaultScaler(chosen) }),
          )
        }
      />
      {control === 'ok' ? (
        <LiveSlider label={t('scaler.scale')} liveKey="scale" scale={SCALE_SLIDER} />
      ) : (
        <p className="rail-note">{t(control === 'fp32' ? 'scaler.fp32Note' : 'scaler.noneNote')}</p>
      )}
      <ScalerMemory />
      {liveParametersOf(kind).map((parameter) => (
        <LiveParameter key={parameter.name} parameter={parameter} />
      ))}
    </Section>
  );
}
