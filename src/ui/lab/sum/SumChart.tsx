import { useMemo, type CSSProperties, type ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { useTranslation } from 'react-i18next';
import type { Accumulation } from '../../../analysis/exact/accumulate';
import { shortNumber } from '../../../analysis/numbers';
import type { NumberFormat } from '../../../numerics/formats';
import { countText } from '../../i18n';
import { formatColor } from '../../lanes';
import { useTextScale } from '../../use-text-scale';

interface Props extends Pick<Accumulation, 'points' | 'stall'> {
  /** The sums of stochastic rounding at the same points. */
  readonly stochastic: readonly number[] | null;
  readonly format: NumberFormat;
  /** Said by screen readers in place of the picture. */
  readonly summary: string;
}

/** Sizes in pixels at the usual size of text. */
const TICK_FONT = 11.5;
const X_AXIS_HEIGHT = 22;
const Y_AXIS_WIDTH = 58;

const drawable = (sum: number): number | null => (Number.isFinite(sum) ? sum : null);

/** The sum as the format has it, and as it should be. */
export default function SumChart({ points, stall, stochastic, format, summary }: Props): ReactNode {
  const { t } = useTranslation();
  // Recharts takes null for what cannot be drawn.
  const data = useMemo(
    () =>
      points.map(({ step, sum, exact }, index) => ({
        step,
        sum: drawable(sum),
        exact,
        stochastic: drawable(stochastic?.[index] ?? NaN),
      })),
    [points, stochastic],
  );
  const color = formatColor(format.name);
  const textScale = useTextScale();
  const tick = { fontSize: TICK_FONT * textScale, fill: 'var(--ink-soft)' };
  return (
    <figure className="sum-chart" aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 500, height: 240 }}>
        <LineChart data={data} margin={{ top: 8 * textScale, right: 14, bottom: 0, left: 4 }}>
          <CartesianGrid vertical={false} stroke="var(--grid)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={[0, 'dataMax']}
            tickFormatter={countText}
            tick={tick}
            axisLine={{ stroke: 'var(--ink-faint)' }}
            tickLine={false}
            height={X_AXIS_HEIGHT * textScale}
          />
          <YAxis
            tickFormatter={shortNumber}
            tick={tick}
            axisLine={false}
            tickLine={false}
            width={Y_AXIS_WIDTH * textScale}
          />
          <Line
            dataKey="exact"
            stroke="var(--ink-faint)"
            strokeDasharray="6 4"
            strokeWidth={1.6}
            dot={false}
            isAnimationActive={false}
          />
          {stochastic && (
            <Line
              dataKey="stochastic"
              stroke={color}
              strokeDasharray="2 2"
              strokeWidth={1.6}
              dot={false}
              isAnimationActive={false}
            />
          )}
          <Line dataKey="sum" stroke={color} strokeWidth={2.6} dot={false} isAnimationActive={false} />
          {stall && <ReferenceLine x={stall.step} stroke="var(--alarm)" strokeDasharray="2 3" />}
        </LineChart>
      </ResponsiveContainer>
      <figcaption className="sum-legend">
        <span style={{ '--hue': color } as CSSProperties}>
          <i className="full" aria-hidden="true" />
          {format.label}
        </span>
        {stochastic && (
          <span style={{ '--hue': color } as CSSProperties}>
            <i className="dotted" aria-hidden="true" />
            {t('lab.sum.stochastic')}
          </span>
        )}
        <span>
          <i className="dashed" aria-hidden="true" />
          {t('lab.sum.exact')}
        </span>
        {stall && (
          <span className="sum-stall">
            <i className="dotted" aria-hidden="true" />
            {t('lab.sum.mark', { step: countText(stall.step) })}
          </span>
        )}
      </figcaption>
    </figure>
  );
}
