import { laneNames } from '../../i18n/lane-names';
import { useCallback, useMemo, type ReactNode } from 'react';
import { Line } from 'recharts';
import { useTranslation } from 'react-i18next';
import { shareText, shortNumber } from '../../analysis/numbers';
import { smoothLog } from '../../analysis/smooth';
import type { LoadedExperiment } from '../../engine/protocol';
import { logAxis, tickText } from '../charts/axes';
import { keyOf } from '../charts/keys';
import { PlainLine } from '../charts/PlainLine';
import { RunChart } from '../charts/RunChart';
import { countText } from '../i18n';
import { inkOf, laneStyles, type LaneStyle } from '../lanes';
import { useApp, useSelect } from '../store/react';
import type { ChartRow, LossView } from '../store/state';
import { DataTable, type Cell } from '../widgets/DataTable';
import { ValueGroup } from '../widgets/ValueGroup';
import { ValueLink } from '../widgets/ValueLink';
import { LaneSwatch } from '../widgets/LaneSwatch';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { Segmented } from '../widgets/Segmented';
import { BadLossMarks } from './BadLossMarks';
import '../charts/charts.css';
import './loss.css';

const PERCENT = { domain: [0, 100], ticks: [0, 25, 50, 75, 100], text: String } as const;

/** A loss that is not a number is told elsewhere; here it means that there is none yet. */
const lossText = (loss: number): string => (Number.isNaN(loss) ? '–' : shortNumber(loss));

/** Losses are summed in FP32 in every lane. */
const lossCell = (loss: number): Cell =>
  Number.isNaN(loss) ? '–' : { text: shortNumber(loss), value: loss, format: 'fp32' };

export function LossChart(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const view = useSelect((state) => state.views.loss);
  const loaded = useSelect((state) => state.loaded);
  const wanted = useSelect((state) => state.showAccuracy);
  const hasAccuracy = loaded?.metric === 'accuracy';
  const accuracy = wanted && hasAccuracy;
  return (
    <Panel
      title={t(accuracy ? 'lossChart.titleAccuracy' : 'lossChart.title')}
      note={
        hasAccuracy ? (
          <Segmented
            label={t('lossChart.switch')}
            value={accuracy ? 'accuracy' : 'loss'}
            options={[
              { id: 'loss', text: t('lossChart.loss') },
              { id: 'accuracy', text: t('lossChart.accuracy') },
            ]}
            onChange={(id) => store.setState({ showAccuracy: id === 'accuracy' })}
          />
        ) : (
          t('lossChart.smoothed')
        )
      }
      table={<LanesTable />}
    >
      {view && loaded ? <Content view={view} loaded={loaded} accuracy={accuracy} /> : <PanelStatus />}
    </Panel>
  );
}

function LanesTable(): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.loss);
  const loaded = useSelect((state) => state.loaded);
  return (
    <DataTable
      title={t('lossChart.table')}
      columns={[t('lossChart.lane'), t('lossChart.loss'), t('lossChart.heldOut'), t('lossChart.accuracy')]}
      rows={() =>
        view && loaded
          ? laneNames(loaded.experiment).map((name, lane) => [
              name,
              lossCell(view.loss[lane]),
              lossCell(view.heldOutLoss[lane]),
              shareText(view.accuracy[lane]),
            ])
          : []
      }
    />
  );
}

interface ContentProps {
  readonly view: LossView;
  readonly loaded: LoadedExperiment;
  readonly accuracy: boolean;
}

function Content({ view, loaded, accuracy }: ContentProps): ReactNode {
  const { t } = useTranslation();
  const styles = useMemo(() => laneStyles(loaded.experiment.lanes), [loaded]);
  const smoothRows = useMemo(() => smoothed(view.rows, view.steps), [view]);
  const rows = accuracy ? view.accuracyRows : smoothRows;
  const smooth = smoothRows.at(-1)?.smooth ?? [];
  const axis = useMemo(
    () => (accuracy ? PERCENT : { ...logAxis(view.rows), text: tickText, log: true }),
    [accuracy, view.rows],
  );
  const names = laneNames(loaded.experiment);
  const tooltip = useCallback(
    (row: ChartRow) =>
      names.flatMap((text, lane) => {
        const value = row.values[lane] ?? null;
        return value === null
          ? []
          : [
              {
                text,
                color: styles[lane].color,
                ...(accuracy
                  ? { value: shareText(value / 100) }
                  : { value: shortNumber(value), number: value }),
              },
            ];
      }),
    [accuracy, names, styles],
  );
  const known = loaded.metric === 'accuracy';
  return (
    <>
      <RunChart
        // A pinned row of the one has nothing to say about the other.
        key={accuracy ? 'accuracy' : 'loss'}
        summary={t('lossChart.summary', {
          steps: t('count.steps', { count: view.steps }),
          lanes: names
            .map((lane, index) => {
              const loss = lossText(view.loss[index]);
              return known
                ? t('lossChart.summaryLaneAccuracy', {
                    lane,
                    loss,
                    accuracy: shareText(view.accuracy[index]),
                  })
                : t('lossChart.summaryLane', { lane, loss });
            })
            .join('; '),
        })}
        rows={rows}
        steps={view.steps}
        y={axis}
        tooltip={tooltip}
      >
        {!accuracy &&
          names.map((name, lane) => (
            <PlainLine
              key={`raw ${name}`}
              rows={rows}
              value={keyOf('values', lane)}
              stroke={styles[lane].color}
              strokeOpacity={0.25}
              strokeWidth={1}
            />
          ))}
        {names.map((name, lane) => (
          <Line
            key={name}
            dataKey={keyOf(accuracy ? 'values' : 'smooth', lane)}
            type="linear"
            stroke={styles[lane].color}
            strokeDasharray={styles[lane].dash}
            strokeWidth={lane === 0 ? 2.4 : 1.9}
            dot={false}
            activeDot={{ r: 3 }}
            isAnimationActive={false}
          />
        ))}
        {!accuracy && <BadLossMarks lanes={view.badLoss} styles={styles} />}
      </RunChart>
      <Legend view={view} loaded={loaded} accuracy={accuracy} styles={styles} smooth={smooth} />
    </>
  );
}

/** A span of the run over which noise is taken out: enough to tell the lanes apart, too little to hide a turn. */
const SPAN = 0.02;
const SHORTEST_SPAN = 3;

/** Rows with the smoothed value of each lane beside the real one. */
function smoothed(rows: readonly ChartRow[], steps: number) {
  const positions = rows.map(({ step }) => step);
  const lanes = (rows[0]?.values ?? []).map((_, lane) =>
    smoothLog(
      positions,
      rows.map(({ values }) => values[lane]),
      Math.max(SHORTEST_SPAN, steps * SPAN),
    ),
  );
  return rows.map((row, index) => ({ ...row, smooth: lanes.map((values) => values[index]) }));
}

interface LegendProps extends ContentProps {
  readonly styles: readonly LaneStyle[];
  /** Per lane, where the smoothed curve ends. */
  readonly smooth: readonly (number | null)[];
}

/** The lanes with what the chart shows: their accuracy, or their smoothed loss. */
function Legend({ view, loaded, accuracy, styles, smooth }: LegendProps): ReactNode {
  const { t } = useTranslation();
  return (
    <ValueGroup>
      <ul className="chart-legend tabular" data-step={view.steps}>
        {laneNames(loaded.experiment).map((name, lane) => {
          const bad = view.badLoss[lane];
          const loss = smooth[lane] ?? NaN;
          const value = accuracy ? (
            shareText(view.accuracy[lane])
          ) : (
            // The number that stands there, not the one behind its digits.
            <ValueLink value={Number(lossText(loss))} format="fp32">
              {lossText(loss)}
            </ValueLink>
          );
          return (
            <li key={name} style={{ color: inkOf(styles[lane].color) }} data-loss={String(view.loss[lane])}>
              <LaneSwatch style={styles[lane]} />
              <strong>
                {name} {bad.since === null ? value : t('lossChart.badSince', { step: countText(bad.since) })}
                {bad.since === null && bad.count > 0 && ` · ${t('lossChart.badSteps', { count: bad.count })}`}
              </strong>
            </li>
          );
        })}
      </ul>
    </ValueGroup>
  );
}
