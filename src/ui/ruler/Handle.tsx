import type { KeyboardEvent, ReactNode, SVGProps } from 'react';
import { useTranslation } from 'react-i18next';
import { powerLabel, powerText, shortNumber } from '../../analysis/numbers';
import { exponentOfTwo } from '../../experiment/bounds';
import { countText } from '../i18n';
import { PLOT_TOP, type Geometry } from './geometry';
import { MAX_EXPONENT, MIN_EXPONENT } from './use-scale-drag';

const Y = PLOT_TOP + 32;
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
  readonly scale: number;
  readonly lane: string;
  readonly pointer: Pick<
    SVGProps<SVGGElement>,
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel'
  >;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** The arrow from the gradients as they are to where the loss scale puts them; its label is the handle. */
export function Handle({ geometry, from, scale, lane, pointer, onKeyDown }: Props): ReactNode {
  const { t } = useTranslation();
  const exponent = Math.log2(scale);
  const text = scaleText(scale);
  const inside = (x: number): number => Math.min(geometry.right - 4, Math.max(geometry.left + 4, x));
  const start = inside(geometry.x(from));
  const end = inside(geometry.x(from + exponent));
  const direction = Math.sign(end - start) || 1;
  const width = 20 + text.length * 7.6;
  const middle = Math.min(geometry.right - width / 2, Math.max(geometry.left + width / 2, (start + end) / 2));
  return (
    <g className="ruler-handle">
      <line x1={start} x2={end} y1={Y} y2={Y} />
      {Math.abs(end - start) > 12 && (
        <path d={`M${end} ${Y}l${-direction * 12} -6v12z`} className="handle-arrow" />
      )}
      <g
        // An input cannot stand inside a drawing.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="slider"
        tabIndex={0}
        aria-label={t('ruler.handle', { lane })}
        aria-valuemin={MIN_EXPONENT}
        aria-valuemax={MAX_EXPONENT}
        aria-valuenow={Math.round(exponent)}
        aria-valuetext={t('number.power', {
          exponent: Number(exponent.toPrecision(4)),
          value: scale >= 1 ? countText(scale) : powerText(scale),
        })}
        onKeyDown={onKeyDown}
        {...pointer}
      >
        <rect className="handle-target" x={middle - width / 2} y={Y - 22} width={width} height="44" />
        <rect className="handle-pill" x={middle - width / 2} y={Y - 12} width={width} height="24" rx="12" />
        <text x={middle} y={Y + 4.5} textAnchor="middle">
          {text}
        </text>
      </g>
    </g>
  );
}
