import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import { measured, type Distribution, type Shares } from '../../analysis/ruler';
import { MAX_HEIGHT, PLOT_BOTTOM, PLOT_HEIGHT, PLOT_TOP, type Geometry } from './geometry';

const WIDE = 26;
const NARROW = 18;

interface Props {
  readonly geometry: Geometry;
  readonly color: string;
  readonly reference: Distribution | null;
  readonly seen: Distribution | null;
}

/** The bars beside the axis, for what has no power of two. */
export function SideBars({ geometry, color, reference, seen }: Props): ReactNode {
  const { t } = useTranslation();
  const width = geometry.left - 46 > 28 ? WIDE : NARROW;
  const shares = (kind: keyof Shares) => {
    const own = (seen && measured(seen)?.[kind]) ?? null;
    const twin = (reference && measured(reference)?.[kind]) ?? null;
    const name = t(kind === 'zero' ? 'ruler.exactZeroFull' : 'ruler.nonFinite');
    return {
      reference: twin,
      seen: own,
      title: `${name}: ${t('ruler.of', { share: shareText(own ?? twin ?? NaN) })}`,
    };
  };
  return (
    <>
      <SideBar
        kind="zero"
        x={geometry.left - width - 12}
        width={width}
        label={t('ruler.exactZero')}
        color={color}
        {...shares('zero')}
      />
      <SideBar
        kind="non-finite"
        x={geometry.right + 8}
        width={width}
        label={t('ruler.nonFinite')}
        narrowLabel={[t('ruler.infinite'), t('ruler.nan')]}
        color={color}
        {...shares('nonFinite')}
      />
    </>
  );
}

interface SideBarProps {
  readonly kind: string;
  readonly x: number;
  readonly width: number;
  readonly label: string;
  /** Lines of the label where it is wider than the margin. */
  readonly narrowLabel?: readonly string[];
  /** Shares of all values, for the reference and for the lane. */
  readonly reference: number | null;
  readonly seen: number | null;
  readonly color: string;
  readonly title: string;
}

/** A bar beside the axis for what has no power of two: exact zeros, or infinities and NaN. Full height is 100 %. */
function SideBar(props: SideBarProps): ReactNode {
  const { kind, x, width, label, narrowLabel = [label], reference, seen, color, title } = props;
  const height = (share: number): number => (share > 0 ? Math.max(1, share * MAX_HEIGHT) : 0);
  const half = width / 2;
  const shown = seen ?? reference;
  const lines = width < WIDE ? narrowLabel : [label];
  return (
    <g data-side={kind}>
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
      {lines.map((line, index) => (
        <text
          key={line}
          className="side-label"
          x={x + half}
          y={PLOT_BOTTOM + 16 + 12 * index}
          textAnchor="middle"
        >
          {line}
        </text>
      ))}
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
