import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { numbersOf, scalerOf, scalerSettings, type ScalerSettings } from '../../training/scalers';
import { ParameterFields } from '../rail/ParameterFields';
import { ScalerChoice } from '../rail/ScalerFields';
import { Icon } from '../widgets/icons';
import { Panel } from '../widgets/Panel';
import { RacerSwatch } from './RacerSwatch';
import { useRacerName } from './names';
import { DEFAULT_RACE, MOST_RACERS } from './state';
import { useRace } from './use-race';

/** The scalers of the race, each with its numbers. */
export function RacersPanel(): ReactNode {
  const { t } = useTranslation();
  const { state, update } = useRace();
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
          <ScalerChoice
            bareLabel={t('race.racers.add')}
            kind={null}
            onChange={(kind) =>
              update((now) => ({ ...now, racers: [...now.racers, scalerSettings(kind)] }), 'push')
            }
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
            values={numbersOf(settings)}
            onChange={(parameter, value) =>
              replace([scalerSettings(settings.kind, { ...numbersOf(settings), [parameter]: value })])
            }
          />
          <p className="field-help">{t('scaler.source', { source: scaler.source })}</p>
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
