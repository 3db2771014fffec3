import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { zonesOf } from '../../analysis/ruler';
import type { NumberFormat } from '../../numerics/formats';
import { clampedX, PLOT_BOTTOM, PLOT_HEIGHT, PLOT_TOP, ticksOf, type Geometry } from './geometry';

/** Width below which a zone's label gives way to a shorter one, and then to none. */
const FULL_LABEL = 130;
const SHORT_LABEL = 26;

/** The zones of a format, shaded and named. */
export function Zones({ geometry, format }: { geometry: Geometry; format: NumberFormat }): ReactNode {
  const { t } = useTranslation();
  const zones = zonesOf(format);
  const zero = clampedX(geometry, zones.zero);
  const normal = clampedX(geometry, zones.normal);
  const overflow = clampedX(geometry, zones.overflow);
  const overflowName = { infinity: 'ruler.infinite', nan: 'ruler.nan', saturate: 'ruler.saturated' } as const;
  return (
    <g aria-hidden="true">
      <Zone
        className="zone-zero"
        from={geometry.left}
        to={zero}
        label={t('ruler.zero', { format: format.label })}
        short={t('ruler.zeroShort')}
      />
      <Zone className="zone-subnormal" from={zero} to={normal} label={t('ruler.subnormal')} />
      <Zone
        className="zone-normal"
        from={normal}
        to={overflow}
        label={t('ruler.normal', { format: format.label })}
      />
      <Zone
        className="zone-zero"
        from={overflow}
        to={geometry.right}
        label={t(overflowName[format.overflow])}
      />
    </g>
  );
}

interface ZoneProps {
  readonly className: string;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly short?: string;
}

function Zone({ className, from, to, label, short = label }: ZoneProps): ReactNode {
  const width = to - from;
  if (width < 1) return null;
  const text = width >= Math.max(FULL_LABEL, label.length * 6.6) ? label : short;
  return (
    <>
      <rect className={className} x={from} y={PLOT_TOP} width={width} height={PLOT_HEIGHT} />
      {width >= Math.max(SHORT_LABEL, text.length * 6) && (
        <text className={`${className}-label`} x={(from + to) / 2} y={PLOT_TOP + 14} textAnchor="middle">
          {text}
        </text>
      )}
    </>
  );
}

/** The axis of powers of two. */
export function Axis({ geometry }: { geometry: Geometry }): ReactNode {
  return (
    <g className="ruler-axis" aria-hidden="true">
      <line x1={geometry.left} x2={geometry.right} y1={PLOT_BOTTOM} y2={PLOT_BOTTOM} />
      {ticksOf(geometry).map((exponent) => (
        <g key={exponent} transform={`translate(${geometry.x(exponent)} ${PLOT_BOTTOM})`}>
          <line y2="4" />
          <text y="16" textAnchor="middle">
            2
            <tspan dy="-4" className="ruler-exponent">
              {exponent}
            </tspan>
          </text>
        </g>
      ))}
    </g>
  );
}
