import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { fieldPower, fieldText } from '../../analysis/numbers';
import { laneNames } from '../../i18n/lane-names';
import { useSelect } from '../store/react';
import { NumberField } from '../widgets/NumberField';
import { Panel } from '../widgets/Panel';
import { Segmented } from '../widgets/Segmented';
import { SpikeAxis } from './SpikeAxis';
import { MOST_SPIKES, RACE_BOUNDS, SOURCES, byHand, type RaceState } from './state';
import { useRace } from './use-race';

/** What all racers meet: at which steps something overflows whatever the scale, and how large gradients are otherwise. */
export function DemandPanel(): ReactNode {
  const { t } = useTranslation();
  const { state, demand, update } = useRace();
  const { source } = state;
  const set = (part: Partial<RaceState>): void => update((now) => ({ ...now, ...part }), 'push');
  return (
    <Panel
      title={t('race.demand.title')}
      note={t('race.demand.note', {
        overflows: t('count.overflows', { count: demand.spikes.length }),
        steps: t('count.steps', { count: demand.steps }),
      })}
    >
      <div className="race-sources">
        <Segmented
          label={t('race.demand.source')}
          value={source}
          options={SOURCES.map((id) => ({ id, text: t(`race.source.${id}`) }))}
          onChange={(id) =>
            id === 'steps' ? update((now) => byHand(now, (all) => all), 'push') : set({ source: id })
          }
        />
        <TakeFromRun />
        {source === 'steps' && state.spikes.length > 0 && (
          <Button className="button" onPress={() => set({ spikes: [] })}>
            {t('race.demand.clear')}
          </Button>
        )}
      </div>
      <div className="race-fields">
        <NumberField
          label={t('race.demand.steps')}
          value={state.steps}
          format={String}
          bound={RACE_BOUNDS.steps}
          onChange={(steps) => set({ steps })}
        />
        {source === 'every' && (
          <NumberField
            label={t('race.demand.period')}
            value={state.period}
            format={String}
            bound={RACE_BOUNDS.period}
            onChange={(period) => set({ period })}
          />
        )}
        {source === 'rate' && (
          <>
            <NumberField
              label={t('race.demand.rate')}
              value={state.rate}
              format={fieldText}
              bound={RACE_BOUNDS.rate}
              onChange={(rate) => set({ rate })}
            />
            <NumberField
              label={t('race.demand.seed')}
              value={state.seed}
              format={String}
              bound={RACE_BOUNDS.seed}
              onChange={(seed) => set({ seed })}
            />
          </>
        )}
        <NumberField
          label={t('race.demand.quiet')}
          value={state.quiet}
          format={fieldPower}
          bound={RACE_BOUNDS.quiet}
          onChange={(quiet) => set({ quiet })}
        />
      </div>
      <SpikeAxis />
      <p className="field-help">{t('race.demand.help')}</p>
      {demand.spikes.length === MOST_SPIKES && source === 'steps' && (
        <p className="field-help">{t('race.demand.most', { most: MOST_SPIKES })}</p>
      )}
    </Panel>
  );
}

/** The steps that a lane of the playground has skipped so far, as overflows that no scale avoids. */
function TakeFromRun(): ReactNode {
  const { t } = useTranslation();
  const { update } = useRace();
  const view = useSelect(({ views }) => views.scale);
  const name = useSelect(({ experiment }) =>
    view === null || view.lane === null ? '' : (laneNames(experiment)[view.lane] ?? ''),
  );
  if (view === null || view.lane === null || view.skippedSteps.length === 0) return null;
  const take = (): void =>
    update(
      (now) => ({
        ...now,
        source: 'steps',
        steps: Math.max(RACE_BOUNDS.steps.min, Math.min(view.steps, RACE_BOUNDS.steps.max)),
        spikes: view.skippedSteps.slice(0, MOST_SPIKES),
      }),
      'push',
    );
  return (
    <Button className="button" onPress={take}>
      {t('race.demand.take', { lane: name })}
    </Button>
  );
}
