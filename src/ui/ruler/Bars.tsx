import type { ReactNode } from 'react';
import type { Distribution } from '../../analysis/ruler';
import { MAX_HEIGHT, PLOT_BOTTOM, type Geometry } from './geometry';

/** Height of a bar, 0 to 1. */
export type HeightOf = (count: number) => number;

export function heightsFor(distributions: readonly (Distribution | null)[], log: boolean): HeightOf {
  const most = Math.max(1, ...distributions.flatMap((each) => each?.counts ?? []));
  return log ? (count) => Math.log1p(count) / Math.log1p(most) : (count) => count / most;
}

interface BarsProps {
  readonly geometry: Geometry;
  readonly distribution: Distribution;
  readonly heightOf: HeightOf;
  readonly className: string;
  readonly color?: string;
}

/** A distribution, one bar per power of two. */
export function Bars({ geometry, distribution, heightOf, className, color }: BarsProps): ReactNode {
  const { first, counts } = distribution;
  const gap = geometry.unit > 8 ? 2 : geometry.unit > 4 ? 1 : 0;
  return (
    <g className={className} fill={color}>
      {counts.map((count, index) => {
        const exponent = first + index;
        if (count === 0 || exponent < geometry.low || exponent >= geometry.high) return null;
        const height = Math.max(1, heightOf(count) * MAX_HEIGHT);
        return (
          <rect
            key={exponent}
            x={geometry.x(exponent) + gap / 2}
            y={PLOT_BOTTOM - height}
            width={Math.max(1, geometry.unit - gap)}
            height={height}
            rx={Math.min(1.5, geometry.unit / 4)}
          />
        );
      })}
    </g>
  );
}

/** The outline that a distribution would have at another scale. */
export function Outline({
  geometry,
  distribution,
  heightOf,
  color,
}: Omit<BarsProps, 'className'>): ReactNode {
  const { first, counts } = distribution;
  const shown = (x: number): number => Math.min(geometry.right, Math.max(geometry.left, x));
  const steps = counts.map((count, index) => {
    const y = PLOT_BOTTOM - heightOf(count) * MAX_HEIGHT;
    return `V${y}H${shown(geometry.x(first + index + 1))}`;
  });
  const path = `M${shown(geometry.x(first))} ${PLOT_BOTTOM}${steps.join('')}V${PLOT_BOTTOM}`;
  return <path className="ruler-outline" d={path} stroke={color} />;
}
