import type { ReactNode } from 'react';
import { shareText } from '../../analysis/numbers';
import type { Distribution } from '../../analysis/ruler';
import { PLOT_BOTTOM, PLOT_HEIGHT, PLOT_TOP, type Geometry } from './geometry';

/** Room above the highest bar for the names of the zones. */
const HEADROOM = 44;
const MAX_HEIGHT = PLOT_HEIGHT - HEADROOM;

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

interface SideBarProps {
  readonly x: number;
  readonly width: number;
  readonly label: string;
  /** Shares of all values, for the reference and for the lane. */
  readonly reference: number | null;
  readonly seen: number | null;
  readonly color: string;
  readonly title: string;
}

/** A bar beside the axis for what has no power of two: exact zeros, or infinities and NaN. Full height is 100 %. */
export function SideBar({ x, width, label, reference, seen, color, title }: SideBarProps): ReactNode {
  const height = (share: number): number => (share > 0 ? Math.max(1, share * MAX_HEIGHT) : 0);
  const half = width / 2;
  const shown = seen ?? reference;
  return (
    <g>
      <title>{title}</title>
      <rect className="side-track" x={x} y={PLOT_TOP} width={width} height={PLOT_HEIGHT} rx="2" />
      {reference !== null && (
        <rect
          className="reference-bars"
          x={x}
          y={PLOT_BOTTOM - height(reference)}
          width={half}
          height={height(reference)}
        />
      )}
      {seen !== null && (
        <rect
          x={x + (reference === null ? 0 : half)}
          y={PLOT_BOTTOM - height(seen)}
          width={reference === null ? width : half}
          height={height(seen)}
          fill={color}
        />
      )}
      <text className="side-label" x={x + half} y={PLOT_BOTTOM + 16} textAnchor="middle">
        {label}
      </text>
      {shown !== null && shown > 0 && (
        <text
          className="side-share"
          x={x + half}
          y={PLOT_BOTTOM - Math.max(height(shown), height(reference ?? 0)) - 5}
          textAnchor="middle"
        >
          {shareText(shown).replace(' %', '%')}
        </text>
      )}
    </g>
  );
}
