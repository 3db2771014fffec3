import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerText } from '../../analysis/numbers';
import { scaleAfter, type Raced } from '../../analysis/race';
import type { RaiseCode } from '../../training/scalers';
import { countText } from '../i18n';
import { ScrollArea } from '../lab/ScrollArea';
import { DataTable } from '../widgets/DataTable';
import type { SliderScale } from '../widgets/NumberSlider';
import { NumberSlider } from '../widgets/NumberSlider';
import { Panel } from '../widgets/Panel';
import { RacerSwatch } from './RacerSwatch';
import { useRacerName } from './names';
import { RaceChart } from './RaceChart';
import { useRace } from './use-race';

/** Rows of the folded table: so many stretches of the run. */
const STRETCHES = 20;

/** What became of the scales: a picture, the numbers at a step, and how each scaler ended. */
export function ResultsPanel(): ReactNode {
  const { t } = useTranslation();
  const { results, raced } = useRace();
  const { steps } = raced;
  const nameOf = useRacerName();
  const [chosen, setCursor] = useState<number | null>(null);
  const cursor = Math.min(chosen ?? steps, steps);
  const scale = (of: Raced, after: number): string => {
    const value = scaleAfter(of, after);
    return value === null ? '–' : powerText(value);
  };
  const summary = results.map((of) => `${nameOf(of.settings)}: ${scale(of, steps)}`).join(t('race.comma'));
  return (
    <Panel
      title={t('race.results.title')}
      note={t('race.results.note')}
      table={
        <DataTable
          title={t('race.results.table')}
          columns={[t('race.results.after'), ...results.map(({ settings }) => nameOf(settings))]}
          rows={() =>
            Array.from({ length: STRETCHES }, (_, index) =>
              Math.round(((index + 1) * steps) / STRETCHES),
            ).map((after) => [countText(after), ...results.map((of) => scale(of, after))])
          }
        />
      }
    >
      {results.length === 0 ? (
        <p className="panel-empty">{t('race.results.empty')}</p>
      ) : (
        <>
          <RaceChart summary={t('race.chart.summary', { summary })} cursor={cursor} onCursor={setCursor} />
          <NumberSlider
            label={t('race.results.cursor')}
            value={cursor}
            scale={stepScale(steps)}
            bound={{ min: 0, max: steps, integer: true }}
            onChange={setCursor}
          />
          <ScrollArea title={t('race.results.title')}>
            <table className="lab-table tabular race-table">
              <thead>
                <tr>
                  <th scope="col">{t('race.results.scaler')}</th>
                  <th scope="col">{t('race.results.afterStep', { step: countText(cursor) })}</th>
                  <th scope="col">{t('race.results.lowest')}</th>
                  <th scope="col">{t('race.results.skipped')}</th>
                  <th scope="col">{t('race.results.end')}</th>
                </tr>
              </thead>
              <tbody>
                {results.map((of, index) => (
                  <tr key={`${index} ${of.settings.kind}`}>
                    <th scope="row">
                      <RacerSwatch index={index} /> {nameOf(of.settings)}
                    </th>
                    <td className="mono">{scale(of, cursor)}</td>
                    <td className="mono">{powerText(of.lowest.scale)}</td>
                    <td className="mono">{countText(of.skipped)}</td>
                    <td
                      className={of.raised === null && of.ruinedAt === null ? 'race-end' : 'race-end alarm'}
                    >
                      <End of={of} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollArea>
        </>
      )}
    </Panel>
  );
}

const stepScale = (steps: number): SliderScale => ({
  min: 0,
  max: steps,
  position: (step) => step,
  value: (position) => position,
  text: String,
  spoken: countText,
});

/** How it ended, in a sentence. */
function End({ of: { raised, ruinedAt, settings } }: { of: Raced }): ReactNode {
  const { t } = useTranslation();
  if (raised !== null) {
    // Codes come from the descriptions, whose list the type is made of.
    const why = t(`raised.${raised.code as RaiseCode}`, { ...settings });
    return raised.step < 0
      ? t('race.end.refused', { why })
      : t('race.end.raised', { step: countText(raised.step), why });
  }
  if (ruinedAt !== null) return t('race.end.ruined', { step: countText(ruinedAt) });
  return t('race.end.through');
}
