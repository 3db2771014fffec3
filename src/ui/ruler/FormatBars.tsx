import type { ReactNode } from 'react';
import { zonesOf } from '../../analysis/ruler';
import { FORMATS, type NumberFormat } from '../../numerics/formats';
import { formatColor } from '../lanes';
import { clampedX, FORMAT_ROW, FORMATS_TOP, type Geometry } from './geometry';

const USUAL: readonly NumberFormat[] = [FORMATS.fp16, FORMATS.bf16, FORMATS.e5m2, FORMATS.e4m3fn];

/** The formats whose ranges stand below the axis: the usual ones, and the lane's where it is another. */
export const formatRows = (own: NumberFormat): readonly NumberFormat[] =>
  USUAL.some(({ name }) => own.name === name || own.name === `${name}_sat`) || own.name === FORMATS.fp32.name
    ? USUAL
    : [...USUAL, own];

/** What each format can hold: normal numbers as a full bar, subnormal ones as a light one. */
export function FormatBars({ geometry, own }: { geometry: Geometry; own: NumberFormat }): ReactNode {
  return (
    <g aria-hidden="true">
      {formatRows(own).map((format, row) => {
        const { normal, overflow } = zonesOf(format);
        const smallest = Math.log2(format.minSubnormal);
        const y = FORMATS_TOP + row * FORMAT_ROW;
        const x = (exponent: number): number => clampedX(geometry, exponent);
        const color = formatColor(format.name);
        return (
          <g key={format.name} fill={color}>
            <text
              className={format.name === own.name ? 'format-label own' : 'format-label'}
              x={geometry.left - 8}
              y={y + 8.5}
              textAnchor="end"
            >
              {format.label.replace('FP8 ', '')}
            </text>
            <rect x={x(smallest)} y={y} width={x(normal) - x(smallest)} height="8" rx="2" opacity="0.32" />
            <rect x={x(normal)} y={y} width={x(overflow) - x(normal)} height="8" rx="2" />
          </g>
        );
      })}
    </g>
  );
}
