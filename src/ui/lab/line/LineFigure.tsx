import { useMemo, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { roundingInterval, type End } from '../../../analysis/exact/neighbours';
import { toNumber } from '../../../analysis/exact/rational';
import { isFinite, valueOf } from '../../../analysis/exact/round';
import { powerLabel, shortNumber } from '../../../analysis/numbers';
import { formatColor } from '../../lanes';
import { useWidth } from '../../ruler/use-width';
import { valueText } from '../text';
import { useLab } from '../use-lab';
import { positionOf, ticksOf, toPixels, type Ticks, type View } from './geometry';
import { useLineGestures } from './use-line-gestures';
import { XHandle } from './XHandle';

export const LINE_Y = 92;
const HEIGHT = 150;
const VALUE_TICK = 22;
const MARK_TICK = 40;
/** Labels of powers of two need so much room. */
const LABEL_GAP = 44;

const NAME_GAP = 76;

interface Props {
  readonly view: View;
  readonly onView: (view: View | null) => void;
}

/** The picture: ticks for the values, the rounding interval shaded, and x with the way to its value. */
export function LineFigure({ view, onView }: Props): ReactNode {
  const { t } = useTranslation();
  const { state, value } = useLab();
  const { axis } = state;
  const { format, bits } = value;
  const negative = bits >>> 31 === 1;
  const [measure, width] = useWidth(1000);
  const { ref, ...gestures } = useLineGestures(view, width, onView);
  const ticks = useMemo(
    () => ticksOf(format, axis, view, width, negative),
    [format, axis, view, width, negative],
  );
  const pixel = (x: number): number => toPixels(view, width, positionOf(axis, x));
  const at =
    isFinite(bits) && !(axis === 'log2' && (bits & 0x7fffffff) === 0) ? pixel(toNumber(valueOf(bits))) : null;
  return (
    <div className="line-figure" style={{ '--hue': formatColor(format.name) } as CSSProperties} ref={measure}>
      <section
        className="line-plot"
        ref={ref}
        aria-label={t('lab.line.plot')}
        // Pans and zooms by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        {...gestures}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Interval width={width} pixel={pixel} />
          <Line ticks={ticks} width={width} />
          {at !== null && (
            <g transform={`translate(${at.toFixed(1)})`} className="line-value">
              <path d={`M0 ${LINE_Y}v-56`} />
              <text y={LINE_Y - 62}>{valueText(bits)}</text>
            </g>
          )}
        </svg>
      </section>
      <XHandle view={view} width={width} at={at} onView={onView} />
    </div>
  );
}

const crisp = (x: number): number => Math.round(x) + 0.5;

/** Marks whose labels do not touch, from the right, where the powers of two stand furthest apart. */
function withRoom(marks: Ticks['marks']): Ticks['marks'] {
  const kept: Ticks['marks'][number][] = [];
  for (const mark of marks.toSorted((a, b) => b.x - a.x)) {
    if (kept.length === 0 || kept[kept.length - 1].x - mark.x >= LABEL_GAP) kept.push(mark);
  }
  return kept;
}

function Line({ ticks, width }: { ticks: Ticks; width: number }): ReactNode {
  const path = (xs: readonly number[], height: number): string =>
    xs.map((x) => `M${crisp(x)} ${LINE_Y}v-${height}`).join('');
  // Few enough to be named one by one.
  const named = ticks.values.length * NAME_GAP < width ? ticks.values : [];
  const labels = useMemo(() => withRoom(ticks.marks), [ticks]);
  return (
    <>
      {ticks.dense.map(({ from, to, perPixel }) => (
        <rect
          key={from}
          className="line-dense"
          x={from}
          width={Math.max(0.5, to - from)}
          y={LINE_Y - VALUE_TICK}
          height={VALUE_TICK}
          // Ten times as dense is a shade darker.
          opacity={Math.min(0.85, 0.2 + 0.1 * Math.log10(1 + perPixel))}
        />
      ))}
      <path
        className="line-ticks"
        d={path(
          ticks.values.map(({ x }) => x),
          VALUE_TICK,
        )}
      />
      <path
        className="line-marks"
        d={path(
          ticks.marks.map(({ x }) => x),
          MARK_TICK,
        )}
      />
      <path className="line-axis" d={`M0 ${LINE_Y + 0.5}H${width}`} />
      {named.map(({ x, value }) => (
        <text key={x} className="line-label" x={x} y={LINE_Y + 16}>
          {shortNumber(value)}
        </text>
      ))}
      {labels.map(({ x, exponent, negative }) => (
        <text key={x} className="line-label" x={x} y={LINE_Y + 16}>
          {exponent === null ? '0' : `${negative ? '−' : ''}${powerLabel(exponent)}`}
        </text>
      ))}
    </>
  );
}

/** Where everything rounds to the value; round ends are part of it, open ones are not. */
function Interval({ width, pixel }: { width: number; pixel: (x: number) => number }): ReactNode {
  const { state, value } = useLab();
  const { bits, format, mode } = value;
  const interval = useMemo(() => roundingInterval(bits, format, mode), [bits, format, mode]);
  if (!interval) return null;
  const negative = bits >>> 31 === 1;
  const log = state.axis === 'log2';
  const place = ({ at }: End, infinite: number): number => {
    if (at === null) return infinite;
    if (log && at.n === 0n) return 0;
    const x = pixel(toNumber(at));
    return Math.min(width + 10, Math.max(-10, x));
  };
  // On a logarithmic axis larger magnitudes are at the right, whatever their sign.
  const mirrored = log && negative;
  const ends = [interval.low, interval.high].map((end, index) => ({
    x: place(end, (index === 0) === mirrored ? width + 10 : -10),
    closed: end.closed,
    open: !end.closed && end.at !== null,
  }));
  if (!mirrored && interval.high.at === null) ends[1].x = width + 10;
  const [left, right] = ends.toSorted((a, b) => a.x - b.x);
  return (
    <g className="line-interval">
      <rect x={left.x} width={Math.max(1, right.x - left.x)} y={LINE_Y - 48} height={60} rx="3" />
      {ends.map(({ x, closed, open }) =>
        closed || open ? (
          <circle
            key={`${x} ${closed}`}
            cx={x}
            cy={LINE_Y - 48}
            r="4"
            className={closed ? 'closed' : 'open'}
          />
        ) : null,
      )}
    </g>
  );
}
