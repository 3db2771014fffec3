import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { stepTicks } from '../charts/axes';
import { countText } from '../i18n';
import { useWidth } from '../ruler/use-width';
import { useTextScale } from '../use-text-scale';
import { spikePath, stepAt, thatFit, xOf, type Plot } from './geometry';
import { byHand, toggled } from './state';
import { useRace } from './use-race';

/** Sizes in pixels at the usual size of text. */
const HEIGHT = 72;
const BOTTOM = 48;
const MARGIN = 12;
const FONT = 11.5;
/** An overflow is hit when the pointer is this near. */
const REACH = 5;

/** The overflows on a time axis, where a click, a tap or a key adds and removes one. */
export function SpikeAxis(): ReactNode {
  const { t } = useTranslation();
  const { state, demand, update } = useRace();
  const { steps, spikes } = demand;
  const [ref, width] = useWidth();
  const textScale = useTextScale();
  const [wanted, setCursor] = useState(0);
  const cursor = Math.min(wanted, steps - 1);
  const plot: Plot = { left: MARGIN, right: width - MARGIN, top: 4, bottom: BOTTOM, steps, domain: [0, 1] };

  const toggle = (step: number): void => {
    setCursor(step);
    update((now) => byHand(now, (present) => toggled(present, step)), 'push');
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const near = spikes
      .map((spike) => ({ spike, distance: Math.abs(xOf(plot, spike + 0.5) - x) }))
      .reduce((best, each) => (each.distance < best.distance ? each : best), {
        spike: -1,
        distance: REACH,
      });
    toggle(near.spike >= 0 && state.source === 'steps' ? near.spike : stepAt(plot, x));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowLeft: -10, ArrowRight: 10, ArrowDown: -10, ArrowUp: 10 };
    const move = event.shiftKey ? moves[event.key] : undefined;
    if (move !== undefined) setCursor(Math.min(steps - 1, Math.max(0, cursor + move)));
    else if (event.key === ' ' || event.key === 'Enter') toggle(cursor);
    else return;
    event.preventDefault();
  };
  const step = countText(cursor);
  const text = spikes.includes(cursor) ? t('race.axis.overflow', { step }) : t('race.axis.step', { step });
  return (
    <>
      <div ref={ref} className="spike-axis" onPointerUp={onPointerUp}>
        <input
          type="range"
          className="hidden"
          min={0}
          max={steps - 1}
          step={1}
          value={cursor}
          aria-label={t('race.axis.label')}
          aria-describedby="spike-axis-help"
          aria-valuetext={text}
          onChange={(event) => setCursor(Number(event.target.value))}
          onKeyDown={onKeyDown}
        />
        <svg width={width} height={HEIGHT * textScale} aria-hidden="true">
          <path className="race-spikes" d={spikePath(spikes, plot, plot.top, BOTTOM)} />
          <line className="race-base" x1={plot.left} x2={plot.right} y1={BOTTOM} y2={BOTTOM} />
          <path
            className="spike-cursor"
            d="M0 0l5 8h-10z"
            transform={`translate(${xOf(plot, cursor + 0.5)} ${BOTTOM + 2})`}
          />
          {thatFit(stepTicks(steps), countText, plot.right - plot.left, FONT * textScale).map((tick) => (
            <text
              key={tick}
              className="race-tick"
              x={xOf(plot, tick)}
              y={BOTTOM + 20 * textScale}
              textAnchor={tick === 0 ? 'start' : tick === steps ? 'end' : 'middle'}
              fontSize={FONT * textScale}
            >
              {countText(tick)}
            </text>
          ))}
        </svg>
      </div>
      <p id="spike-axis-help" className="field-help">
        {t('race.axis.help')}
      </p>
    </>
  );
}
