import { useMemo, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerLabel } from '../../analysis/numbers';
import type { Raced } from '../../analysis/race';
import { exponentAxis, stepTicks } from '../charts/axes';
import { countText } from '../i18n';
import { useWidth } from '../ruler/use-width';
import { useTextScale } from '../use-text-scale';
import {
  exponentRange,
  lastStep,
  scalePath,
  spikePath,
  stepAt,
  thatFit,
  xOf,
  yOf,
  type Plot,
} from './geometry';
import { racerStyle } from './styles';
import { useRace } from './use-race';

/** Sizes in pixels at the usual size of text. */
const HEIGHT = 320;
const LEFT = 44;
const RIGHT = 14;
const TOP = 10;
const X_AXIS = 24;
const SPIKES = 12;
const FONT = 11.5;
const LINE = 2;

interface Props {
  /** Said by screen readers in place of the picture. */
  readonly summary: string;
  readonly cursor: number;
  readonly onCursor: (step: number) => void;
}

/** The scales of all racers over the steps, on an axis of powers of two; the overflows stand below. */
export function RaceChart({ summary, cursor, onCursor }: Props): ReactNode {
  const { t } = useTranslation();
  const { results, raced: demand } = useRace();
  const [ref, width] = useWidth();
  const textScale = useTextScale();
  const axis = useMemo(() => exponentAxis([{ values: exponentRange(results) ?? [] }]), [results]);
  const bottom = (HEIGHT - X_AXIS - SPIKES) * textScale;
  const plot: Plot = {
    left: LEFT * textScale,
    right: width - RIGHT,
    top: TOP,
    bottom,
    steps: demand.steps,
    domain: axis.domain,
  };
  const foot = bottom + SPIKES * textScale;
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    onCursor(stepAt(plot, event.clientX - left) + 1);
  };
  return (
    <figure ref={ref} className="race-chart" aria-label={summary}>
      <svg
        width={width}
        height={HEIGHT * textScale}
        aria-hidden="true"
        onPointerMove={point}
        onPointerDown={point}
      >
        {axis.ticks.map((tick) => (
          <g key={tick} className="race-grid">
            <line x1={plot.left} x2={plot.right} y1={yOf(plot, tick)} y2={yOf(plot, tick)} />
            <text x={plot.left - 6} y={yOf(plot, tick) + 4} textAnchor="end" fontSize={FONT * textScale}>
              {powerLabel(tick)}
            </text>
          </g>
        ))}
        {thatFit(stepTicks(demand.steps), countText, plot.right - plot.left, FONT * textScale).map((tick) => (
          <text
            key={tick}
            className="race-tick"
            x={Math.min(xOf(plot, tick), plot.right - 4)}
            y={foot + 17 * textScale}
            textAnchor={tick === 0 ? 'start' : tick === demand.steps ? 'end' : 'middle'}
            fontSize={FONT * textScale}
          >
            {countText(tick)}
          </text>
        ))}
        <path className="race-spikes" d={spikePath(demand.spikes, plot, bottom + 3, foot)} />
        <line className="race-base" x1={plot.left} x2={plot.right} y1={foot} y2={foot} />
        <line className="crosshair" x1={xOf(plot, cursor)} x2={xOf(plot, cursor)} y1={plot.top} y2={foot} />
        {results.map((raced, index) => (
          <Track
            key={keyOf(raced, index)}
            raced={raced}
            plot={plot}
            index={index}
            // What is drawn later is narrower, so that a line that runs over another leaves its edges.
            width={Math.min(5.5, LINE + 0.9 * (results.length - 1 - index))}
          />
        ))}
      </svg>
      <figcaption className="hidden">{t('race.chart.spikes')}</figcaption>
    </figure>
  );
}

const keyOf = ({ settings }: Raced, index: number): string => `${index} ${settings.kind}`;

interface TrackProps {
  readonly raced: Raced;
  readonly plot: Plot;
  readonly index: number;
  readonly width: number;
}

function Track({ raced, plot, index, width }: TrackProps): ReactNode {
  const { color, dash } = racerStyle(index);
  const path = useMemo(() => scalePath(raced, plot), [raced, plot]);
  const end = lastStep(raced, plot.steps);
  const level = yOf(plot, Math.log2(raced.scales[raced.scales.length - 1]));
  return (
    <g>
      <path className="race-track" d={path} stroke={color} strokeWidth={width} strokeDasharray={dash} />
      {raced.raised !== null && (
        <path
          className="race-raised"
          d="M-5 -5l10 10M-5 5l10 -10"
          stroke={color}
          transform={`translate(${xOf(plot, end)} ${level})`}
        />
      )}
    </g>
  );
}
