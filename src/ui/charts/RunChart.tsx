import { useMemo, useState, type ReactNode } from 'react';
import { CartesianGrid, ComposedChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { countText } from '../i18n';
import { stepTicks } from './axes';
import { useApp, useSelect } from '../store/react';
import { useTextScale } from '../use-text-scale';
import { ChartTooltip, PinnedReadout, type TooltipLines } from './ChartTooltip';
import { Crosshair } from './Crosshair';

/** What a row of every chart has: where it is drawn, and the steps [from, to) that it stands for. */
export interface Row {
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

interface Props<RowType extends Row> {
  /** Said by screen readers in place of the picture. */
  readonly summary: string;
  readonly rows: readonly RowType[];
  /** Completed steps, the end of the x axis. */
  readonly steps: number;
  readonly y: {
    readonly domain: readonly [number, number];
    readonly ticks: readonly number[];
    readonly text: (value: number) => string;
    readonly log?: boolean;
  };
  readonly tooltip: (row: RowType) => TooltipLines;
  /** Lines and areas, and marks on top of them. */
  readonly children: ReactNode;
}

/** Sizes in pixels at the usual size of text. */
const TOOLTIP_TOP = 178;
const TICK_FONT = 11.5;
const X_AXIS_HEIGHT = 22;
/** Room for the longest label (axes.ts) and TICK_GAP. */
const Y_AXIS_WIDTH = 50;
const TICK_GAP = 6;
const MARGIN_TOP = 8;
const MARGIN_RIGHT = 10;
/** An empty chart shows an axis of so many steps. */
const FEWEST_STEPS = 10;

/**
 * The frame that the charts over steps share: axes, grid, tooltip, and a crosshair through all of them. A click keeps
 * the tooltip, so that its numbers can be opened. Each run gets a chart of its own: the rows that Recharts remembers
 * under the pointer, and the one that was clicked, have the lanes of the run before.
 */
export function RunChart<RowType extends Row>(props: Props<RowType>): ReactNode {
  const showing = useSelect((state) => state.showing);
  return <ChartOfRun key={showing} {...props} />;
}

function ChartOfRun<RowType extends Row>(props: Props<RowType>): ReactNode {
  const { summary, rows, steps, y, tooltip, children } = props;
  const { store } = useApp();
  const textScale = useTextScale();
  const margin = { top: MARGIN_TOP * textScale, right: MARGIN_RIGHT * textScale, bottom: 0, left: 0 };
  const tick = { fontSize: TICK_FONT * textScale, fill: 'var(--ink-soft)' };
  const end = Math.max(steps, FEWEST_STEPS);
  const data = useMemo(() => [...rows], [rows]);
  const [pinned, setPinned] = useState<RowType | null>(null);
  const pin = (): void => {
    const { hoverStep } = store.getState();
    setPinned(rows.find(({ step }) => step === hoverStep) ?? null);
  };
  return (
    <figure className="chart" aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 320, height: 190 }}>
        <ComposedChart
          data={data}
          margin={margin}
          onMouseMove={({ activeLabel }) =>
            store.setState({ hoverStep: activeLabel === undefined ? null : Number(activeLabel) })
          }
          onMouseLeave={() => store.setState({ hoverStep: null })}
          // Recharts tells the place of the pointer with the next frame, and a tap comes without a movement before it.
          onClick={() => requestAnimationFrame(pin)}
        >
          <CartesianGrid vertical={false} stroke="var(--grid)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={[0, end]}
            allowDataOverflow
            ticks={stepTicks(end)}
            tickFormatter={countText}
            tick={tick}
            axisLine={{ stroke: 'var(--ink-faint)' }}
            tickLine={false}
            interval="preserveStart"
            minTickGap={12 * textScale}
            height={X_AXIS_HEIGHT * textScale}
          />
          <YAxis
            type="number"
            scale={y.log ? 'log' : 'linear'}
            domain={[y.domain[0], y.domain[1]]}
            ticks={[...y.ticks]}
            tickFormatter={y.text}
            allowDataOverflow
            tick={tick}
            axisLine={false}
            tickLine={false}
            tickSize={0}
            tickMargin={TICK_GAP * textScale}
            width={Y_AXIS_WIDTH * textScale}
            interval={0}
          />
          <Tooltip
            active={pinned === null ? undefined : false}
            isAnimationActive={false}
            cursor={false}
            // Below the plot, where it hides neither the line nor the marks.
            position={{ y: TOOLTIP_TOP * textScale }}
            allowEscapeViewBox={{ x: false, y: true }}
            content={<ChartTooltip lines={tooltip} />}
            wrapperStyle={{ zIndex: 5, pointerEvents: 'none' }}
          />
          {children}
          <Crosshair />
        </ComposedChart>
      </ResponsiveContainer>
      {pinned && <PinnedReadout row={pinned} lines={tooltip(pinned)} onClose={() => setPinned(null)} />}
    </figure>
  );
}
