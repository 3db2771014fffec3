import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { SCALER_KINDS, scalerOf, type ScalerSettings } from '../../training/scalers';
import { ParameterFields } from '../rail/ParameterFields';
import { useScalerName } from '../rail/scaler-name';
import { Choice } from '../widgets/Choice';
import { Icon } from '../widgets/icons';
import { Panel } from '../widgets/Panel';
import { RacerSwatch } from './RacerSwatch';
import { useRacerName } from './names';
import { DEFAULT_RACE, MOST_RACERS, parametersOf, racer } from './state';
import { useRace } from './use-race';

/** The scalers of the race, each with its numbers. */
export function RacersPanel(): ReactNode {
  const { t } = useTranslation();
  const { state, update } = useRace();
  const nameOf = useScalerName();
  const { racers } = state;
  return (
    <Panel title={t('race.racers.title')} note={t('race.racers.note')}>
      <ul className="racers">
        {racers.map((settings, index) => (
          <Racer key={`${index} ${settings.kind}`} settings={settings} index={index} />
        ))}
      </ul>
      <div className="race-sources">
        {racers.length < MOST_RACERS && (
          <Choice
            bare
            label={t('race.racers.add')}
            placeholder={t('race.racers.add')}
            value={null}
            options={SCALER_KINDS.map((id) => ({ id, text: nameOf(id) }))}
            onChange={(kind) => update((now) => ({ ...now, racers: [...now.racers, racer(kind)] }), 'push')}
          />
        )}
        <Button className="button" onPress={() => update(() => DEFAULT_RACE, 'push')}>
          {t('race.racers.example')}
        </Button>
      </div>
    </Panel>
  );
}

function Racer({ settings, index }: { settings: ScalerSettings; index: number }): ReactNode {
  const { t } = useTranslation();
  const { update } = useRace();
  const name = useRacerName()(settings);
  const scaler = scalerOf(settings.kind);
  const replace = (others: readonly ScalerSettings[]): void =>
    update((now) => ({ ...now, racers: now.racers.toSpliced(index, 1, ...others) }), 'push');
  return (
    <li className="racer">
      <details>
        <summary>
          <RacerSwatch index={index} /> {name}
        </summary>
        <div className="racer-fields">
          <ParameterFields
            scaler={scaler}
            values={parametersOf(settings)}
            onChange={(parameter, value) =>
              replace([racer(settings.kind, { ...parametersOf(settings), [parameter]: value })])
            }
          />
          <p className="field-help">{t('race.racers.source', { source: scaler.source })}</p>
        </div>
      </details>
      <Button
        className="notice-close"
        aria-label={t('race.racers.remove', { name })}
        onPress={() => replace([])}
      >
        <Icon name="close" />
      </Button>
    </li>
  );
}
