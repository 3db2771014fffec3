import { laneNames } from '../../i18n/lane-names';
import { useCallback, useMemo, type ReactNode } from 'react';
import { Area } from 'recharts';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import { WINDOW_STEPS } from '../../analysis/window';
import type { LoadedExperiment } from '../../engine/protocol';
import { keyOf } from '../charts/keys';
import { PlainLine } from '../charts/PlainLine';
import { RunChart } from '../charts/RunChart';
import { inkOf, laneStyles } from '../lanes';
import { useSelect } from '../store/react';
import type { UnderflowView } from '../store/state';
import { DataTable } from '../widgets/DataTable';
import { LaneSwatch } from '../widgets/LaneSwatch';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import '../charts/charts.css';

const Y = { domain: [0, 100], ticks: [0, 25, 50, 75, 100], text: String } as const;

/** Shades of the lane's colour, light in the first layer and dark in the last, told apart by lightness alone. */
function shades(color: string, layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) => {
    const position = layers === 1 ? 0.5 : layer / (layers - 1);
    return position < 0.5
      ? `color-mix(in oklab, ${color} ${Math.round(38 + position * 124)}%, var(--card))`
      : `color-mix(in oklab, ${color} ${Math.round(100 - (position - 0.5) * 90)}%, var(--shade))`;
  });
}

export function UnderflowChart(): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.underflow);
  const loaded = useSelect((state) => state.loaded);
  return (
    <Panel
      title={t('underflowChart.title')}
      note={t('underflowChart.note')}
      table={
        <DataTable
          title={t('underflowChart.table', { count: WINDOW_STEPS })}
          columns={[t('underflowChart.layer'), t('underflowChart.share')]}
          rows={() =>
            view
              ? [
                  ...view.layers.map((name, layer) => [name, shareText(view.recent[layer])]),
                  [t('underflowChart.total'), shareText(view.recentTotal)],
                ]
              : []
          }
        />
      }
    >
      {view && loaded ? <Content view={view} loaded={loaded} /> : <PanelStatus />}
    </Panel>
  );
}

function Content({ view, loaded }: { view: UnderflowView; loaded: LoadedExperiment }): ReactNode {
  const { t } = useTranslation();
  const colors = useMemo(
    () => shades(laneStyles(loaded.experiment.lanes)[view.lane].color, view.layers.length),
    [loaded, view.lane, view.layers.length],
  );
  const { layers, others } = view;
  const styles = useMemo(() => laneStyles(loaded.experiment.lanes), [loaded]);
  const names = laneNames(loaded.experiment);
  const tooltip = useCallback(
    ({ percent, others: totals }: UnderflowView['rows'][number]) => [
      {
        text: t('underflowChart.total'),
        value: shareText(percent.reduce((sum, part) => sum + part, 0) / 100),
      },
      ...layers
        .map((text, layer) => ({ text, color: colors[layer], value: shareText(percent[layer] / 100) }))
        .reverse(),
      ...others.map((lane, index) => ({
        text: t('underflowChart.other', { lane: names[lane] }),
        color: styles[lane].color,
        value: shareText(totals[index] / 100),
      })),
    ],
    [t, layers, colors, others, names, styles],
  );
  const shares = view.recent.map(shareText);
  return (
    <>
      <RunChart
        summary={t('underflowChart.summary', {
          lane: laneNames(loaded.experiment)[view.lane],
          count: WINDOW_STEPS,
          total: shareText(view.recentTotal),
          layers: layers.map((name, layer) => `${name} ${shares[layer]}`).join(', '),
        })}
        rows={view.rows}
        steps={view.steps}
        y={Y}
        tooltip={tooltip}
      >
        {layers.map((name, layer) => (
          <Area
            key={name}
            // What has no share takes no room in the stack.
            dataKey={({ percent }: UnderflowView['rows'][number]) => percent[layer] || 0}
            stackId="layers"
            type="linear"
            stroke="none"
            fill={colors[layer]}
            fillOpacity={1}
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
        {others.map((lane, index) => (
          <PlainLine
            key={lane}
            rows={view.rows}
            value={keyOf('others', index)}
            stroke={styles[lane].color}
            strokeDasharray={styles[lane].dash ?? '5 4'}
            strokeWidth={1.6}
          />
        ))}
      </RunChart>
      <ul className="chart-legend tabular">
        <li>
          {t('underflowChart.recent', { count: WINDOW_STEPS })} <strong>{shareText(view.recentTotal)}</strong>
        </li>
        {layers.map((name, layer) => (
          <li key={name}>
            <span className="legend-swatch" style={{ background: colors[layer] }} aria-hidden="true" />
            {name} <strong>{shares[layer]}</strong>
          </li>
        ))}
        {others.map((lane) => (
          <li key={lane} style={{ color: inkOf(styles[lane].color) }}>
            <LaneSwatch style={{ color: styles[lane].color, dash: styles[lane].dash ?? '5 4' }} />
            {t('underflowChart.other', { lane: names[lane] })}
          </li>
        ))}
      </ul>
    </>
  );
}
