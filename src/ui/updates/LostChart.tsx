import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import { WINDOW_STEPS } from '../../analysis/window';
import type { LoadedExperiment } from '../../engine/protocol';
import { keyOf } from '../charts/keys';
import { PlainLine } from '../charts/PlainLine';
import { RunChart } from '../charts/RunChart';
import { inkOf, laneStyles } from '../lanes';
import type { ChartRow, UpdatesView } from '../store/state';
import { LaneSwatch } from '../widgets/LaneSwatch';
import { laneNames } from '../../i18n/lane-names';
import '../charts/charts.css';

const Y = { domain: [0, 100], ticks: [0, 25, 50, 75, 100], text: String } as const;

interface Props {
  readonly view: UpdatesView;
  readonly loaded: LoadedExperiment;
}

/** Per cent of the updates that left their weight as it was, of every lane over the steps. */
export function LostChart({ view, loaded }: Props): ReactNode {
  const { t } = useTranslation();
  const styles = useMemo(() => laneStyles(loaded.experiment.lanes), [loaded]);
  const names = laneNames(loaded.experiment);
  const tooltip = useCallback(
    ({ values }: ChartRow) =>
      names.flatMap((text, lane) => {
        const value = values[lane] ?? null;
        return value === null ? [] : [{ text, color: styles[lane].color, value: shareText(value / 100) }];
      }),
    [names, styles],
  );
  return (
    <div className="updates-chart">
      <h3>{t('updates.chart')}</h3>
      <RunChart
        summary={t('updates.summary', {
          count: WINDOW_STEPS,
          lanes: names.map((name, lane) => `${name} ${shareText(view.recent[lane])}`).join(', '),
        })}
        rows={view.rows}
        steps={view.steps}
        y={Y}
        tooltip={tooltip}
      >
        {names.map((name, lane) => (
          <PlainLine
            key={name}
            rows={view.rows}
            value={keyOf('values', lane)}
            stroke={styles[lane].color}
            strokeDasharray={styles[lane].dash}
            strokeWidth={1.6}
          />
        ))}
      </RunChart>
      <ul className="chart-legend tabular">
        {names.map((name, lane) => (
          <li key={name} style={{ color: inkOf(styles[lane].color) }}>
            <LaneSwatch style={styles[lane]} />
            {name} <strong>{shareText(view.recent[lane])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
