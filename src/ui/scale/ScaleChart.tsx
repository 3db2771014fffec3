import { useCallback, useMemo, type ReactNode } from 'react';
import { Line } from 'recharts';
import { useTranslation } from 'react-i18next';
import type { EventKind, ScaleEvent } from '../../analysis/events';
import { powerLabel, powerText } from '../../analysis/numbers';
import { laneNames } from '../../i18n/lane-names';
import { exponentAxis } from '../charts/axes';
import { keyOf } from '../charts/keys';
import { RunChart } from '../charts/RunChart';
import type { TooltipLines } from '../charts/ChartTooltip';
import { eventText } from '../../i18n/describe';
import { countText } from '../i18n';
import { laneStyles } from '../lanes';
import { useSelect } from '../store/react';
import type { ChartRow, ScaleView } from '../store/state';
import { scaleLane } from '../store/views';
import type { LoadedExperiment } from '../../engine/protocol';
import { DataTable } from '../widgets/DataTable';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { Marks, MarkShape } from './marks';
import '../charts/charts.css';
import './scale.css';

/** Events told at one place of the chart; the rest is counted. */
const TOLD = 4;
/** A mark is told when the pointer is this near, as a share of the chart's width. */
const REACH = 0.015;

const KINDS = ['backoff', 'growth', 'skip', 'manual', 'stop'] as const satisfies readonly EventKind[];

export function ScaleChart(): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.scale);
  const loaded = useSelect((state) => state.loaded);
  const experiment = useSelect((state) => state.experiment);
  const selected = useSelect((state) => state.selectedLane);
  // Known from the experiment itself, before it has been prepared.
  const lane = scaleLane(experiment.lanes, selected);
  return (
    <Panel
      title={t('scaleChart.title')}
      note={lane === null ? undefined : t('scaleChart.note', { lane: laneNames(experiment)[lane] })}
      table={
        <DataTable
          title={t('scaleChart.table')}
          columns={[t('scaleChart.step'), t('scaleChart.event'), t('scaleChart.after')]}
          rows={() =>
            (view?.recent ?? []).map((event) => [
              countText(event.step),
              eventText(event, loaded?.sites ?? []),
              { text: powerText(event.after), value: event.after, format: 'fp32' },
            ])
          }
        />
      }
    >
      {lane === null ? (
        <p className="panel-empty">{t('scaleChart.empty')}</p>
      ) : view && loaded ? (
        <Content view={view} loaded={loaded} />
      ) : (
        <PanelStatus />
      )}
    </Panel>
  );
}

function Content({ view, loaded }: { view: ScaleView; loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const styles = useMemo(() => laneStyles(loaded.experiment.lanes), [loaded]);
  const axis = useMemo(() => exponentAxis(view.rows), [view.rows]);
  const tooltip = useCallback((row: ChartRow) => tooltipLines(row, view, loaded), [view, loaded]);
  const name = view.lane === null ? '' : laneNames(loaded.experiment)[view.lane];
  const inForce =
    view.recent[0]?.after ?? 2 ** (view.rows.at(-1)?.values[view.lanes.indexOf(view.lane ?? 0)] ?? 0);
  return (
    <>
      <RunChart
        summary={t('scaleChart.summary', {
          lane: name,
          steps: t('count.steps', { count: view.steps }),
          scale: powerText(inForce),
          backoffs: t('count.backoffs', { count: view.counts.backoff }),
          growths: t('count.growths', { count: view.counts.growth }),
          skipped: t('count.skips', { count: view.skipped }),
          manual: t('count.manual', { count: view.counts.manual }),
        })}
        rows={view.rows}
        steps={view.steps}
        y={{ ...axis, text: powerLabel }}
        tooltip={tooltip}
      >
        {view.lanes.map((lane, index) => (
          <Line
            key={lane}
            dataKey={keyOf('values', index)}
            type="stepAfter"
            stroke={styles[lane].color}
            strokeDasharray={styles[lane].dash}
            strokeWidth={lane === view.lane ? 2.2 : 1.6}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
        <Marks events={view.marks} />
      </RunChart>
      <ul className="chart-legend tabular">
        {KINDS.filter((kind) => kind === 'backoff' || kind === 'growth' || view.counts[kind] > 0).map(
          (kind) => (
            <li key={kind} className={`legend-${kind}`} data-count={view.counts[kind]}>
              <svg viewBox="-7 -7 14 14" aria-hidden="true">
                <MarkShape kind={kind} />
              </svg>
              <strong>{t(`scaleChart.${kind}`, { count: view.counts[kind] })}</strong>
            </li>
          ),
        )}
        <li className="end">
          {t('scaleChart.skipped', { skipped: countText(view.skipped), steps: countText(view.steps) })}
        </li>
      </ul>
    </>
  );
}

function tooltipLines(row: ChartRow, view: ScaleView, loaded: LoadedExperiment): TooltipLines {
  const styles = laneStyles(loaded.experiment.lanes);
  const scales = view.lanes.flatMap((lane, index) => {
    const exponent = row.values[index] ?? null;
    return exponent === null
      ? []
      : [
          {
            text: laneNames(loaded.experiment)[lane],
            color: styles[lane].color,
            value: powerText(2 ** exponent),
            number: 2 ** exponent,
          },
        ];
  });
  const reach = Math.max(0.5, view.steps * REACH);
  const near = view.marks.filter(({ step }) => step >= row.from - reach && step < row.to + reach);
  const distance = ({ step }: ScaleEvent): number => Math.abs(step - row.step);
  const told = near.toSorted((a, b) => distance(a) - distance(b)).slice(0, TOLD);
  return [
    ...scales,
    ...told.toSorted((a, b) => a.step - b.step).map((event) => ({ text: eventText(event, loaded.sites) })),
  ];
}
