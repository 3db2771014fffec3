import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerLabel, powerText, shortNumber } from '../../analysis/numbers';
import { exponentOfTwo } from '../../experiment/bounds';
import { countText } from '../i18n';
import { clampedX, PLOT_BOTTOM, PLOT_TOP, type Geometry } from './geometry';
import type { ScaleDrag } from './use-scale-drag';

const Y = PLOT_TOP + 32;
const HEIGHT = 24;
/** A finger needs so much. */
const TARGET = 44;
const ARROW = 10;
/** Largest scale that is written out rather than as a power. */
const WRITTEN_OUT = 2 ** 16;

/** `× 2048`, or `× 2²⁷` where the number would be long. */
export function scaleText(scale: number): string {
  const exponent = exponentOfTwo(scale);
  if (scale >= 1 && scale <= WRITTEN_OUT && Number.isInteger(scale)) return `× ${scale}`;
  return `× ${exponent === null ? shortNumber(scale) : powerLabel(exponent)}`;
}

interface Props {
  readonly geometry: Geometry;
  /** Middle of the distribution without scale, on the axis. */
  readonly from: number;
  /** In force, or the one that it is being moved to. */
  readonly scale: number;
  readonly lane: string;
  readonly drag: ScaleDrag;
}

/**
 * The arrow from the gradients as they are to where the loss scale puts them. Its head is the handle, so that handle
 * and gradients move as far as the pointer does; while one holds it, it is where the pointer is and not at a power.
 */
export function Handle({ geometry, from, scale, lane, drag }: Props): ReactNode {
  const { t } = useTranslation();
  const { left, right, unit } = geometry;
  const exponent = Math.log2(scale);
  const text = scaleText(scale);
  const width = 20 + text.length * 7.6;
  const inside = (x: number): number => Math.min(right - width / 2, Math.max(left + width / 2, x));
  const start = clampedX(geometry, from);
  const middle = inside(drag.preview?.at ?? geometry.x(from + exponent));
  const direction = Math.sign(middle - start) || 1;
  const tip = middle - (direction * width) / 2;
  const pointer = drag.pointer({ at: middle, unit });
  return (
    <>
      <rect
        className="drag-area"
        x={left}
        y={PLOT_TOP}
        width={right - left}
        height={PLOT_BOTTOM - PLOT_TOP}
        {...pointer}
      />
      <g className="ruler-handle">
        <line className="handle-stem" x1={middle} x2={middle} y1={Y} y2={PLOT_BOTTOM} />
        {(tip - start) * direction > ARROW && (
          <>
            <line x1={start} x2={tip - direction * ARROW} y1={Y} y2={Y} />
            <path d={`M${tip} ${Y}l${-direction * ARROW} -6v12z`} className="handle-arrow" />
          </>
        )}
        <g
          // An input cannot stand inside a drawing.
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
          role="slider"
          tabIndex={0}
          aria-label={t('ruler.handle', { lane })}
          aria-valuemin={drag.min}
          aria-valuemax={drag.max}
          aria-valuenow={Math.round(exponent)}
          aria-valuetext={t('number.power', {
            exponent: Number(exponent.toPrecision(4)),
            value: scale >= 1 ? countText(scale) : powerText(scale),
          })}
          {...drag.keys}
          {...pointer}
        >
          <rect
            className="handle-target"
            x={middle - width / 2}
            y={Y - TARGET / 2}
            width={width}
            height={TARGET}
          />
          <rect
            className="handle-pill"
            x={middle - width / 2}
            y={Y - HEIGHT / 2}
            width={width}
            height={HEIGHT}
            rx={HEIGHT / 2}
          />
          <text x={middle} y={Y + 4.5} textAnchor="middle">
            {text}
          </text>
        </g>
      </g>
    </>
  );
}
