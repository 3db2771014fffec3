import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DEFAULT_DYNAMIC, defaultScaler } from '../../experiment/defaults';
import { laneNames } from '../../i18n/lane-names';
import { scaleControl } from '../store/live';
import { useController, useSelect } from '../store/react';
import { withLane } from '../store/structure';
import { Choice } from '../widgets/Choice';
import {
  BACKOFF_FACTOR_SLIDER,
  GROWTH_FACTOR_SLIDER,
  GROWTH_INTERVAL_SLIDER,
  SCALE_SLIDER,
} from '../widgets/slider-scales';
import { LiveSlider } from './LiveSlider';
import { SCALER_KINDS } from './ScalerFields';
import { Section } from './Section';

/** The loss scaling of the selected lane. */
export function ScalerSection(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const index = useSelect((state) => state.selectedLane);
  const name = useSelect((state) => laneNames(state.experiment)[state.selectedLane]);
  const scaler = useSelect((state) => state.experiment.lanes[state.selectedLane].scaler);
  const control = useSelect(scaleControl);
  return (
    <Section title={`${t('rail.scaling')} · ${name}`}>
      <Choice
        label={t('scaler.label')}
        restarts
        value={scaler.kind}
        options={SCALER_KINDS.map((id) => ({ id, text: t(`scaler.${id}`) }))}
        onChange={(kind) =>
          controller.restructure((experiment) =>
            withLane(experiment, index, { ...experiment.lanes[index], scaler: defaultScaler(kind) }),
          )
        }
      />
      {control !== 'ok' && (
        <p className="rail-note">{t(control === 'fp32' ? 'scaler.fp32Note' : 'scaler.noneNote')}</p>
      )}
      {scaler.kind !== 'none' && (
        <LiveSlider label={t('scaler.scale')} liveKey="scale" scale={SCALE_SLIDER} />
      )}
      {scaler.kind === 'dynamic' && (
        <>
          <LiveSlider
            label={t('scaler.growthFactor')}
            liveKey="growthFactor"
            scale={GROWTH_FACTOR_SLIDER}
            initial={DEFAULT_DYNAMIC.growthFactor}
          />
          <LiveSlider
            label={t('scaler.backoffFactor')}
            liveKey="backoffFactor"
            scale={BACKOFF_FACTOR_SLIDER}
            initial={DEFAULT_DYNAMIC.backoffFactor}
          />
          <LiveSlider
            label={t('scaler.growthInterval')}
            liveKey="growthInterval"
            scale={GROWTH_INTERVAL_SLIDER}
            initial={DEFAULT_DYNAMIC.growthInterval}
          />
        </>
      )}
    </Section>
  );
}
