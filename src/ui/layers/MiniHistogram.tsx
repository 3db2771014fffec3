import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { centreOf, type Distribution } from '../../analysis/ruler';
import type { LayerRow } from '../store/state';

/** In units of its own; layers.css has its size on the page. */
const WIDTH = 150;
const HEIGHT = 20;

/** Exponents at the ends, the same for all rows, so that one sees which tensor lies where. */
export interface MiniDomain {
  readonly low: number;
  readonly high: number;
}

export function sharedDomain(rows: readonly LayerRow[]): MiniDomain {
  const shown = rows.flatMap(({ distribution }) => (distribution?.counts.length ? [distribution] : []));
  if (shown.length === 0) return { low: -32, high: 0 };
  return {
    low: Math.min(...shown.map(({ first }) => first)),
    high: Math.max(...shown.map(({ first, counts }) => first + counts.length)),
  };
}

interface Props {
  readonly distribution: Distribution;
  readonly domain: MiniDomain;
  readonly color: string;
}

export const MiniHistogram = memo(function MiniHistogram({ distribution, domain, color }: Props): ReactNode {
  const { t } = useTranslation();
  const { first, counts } = distribution;
  const centre = centreOf(distribution);
  if (centre === null) return '–';
  const most = Math.max(...counts);
  const unit = WIDTH / Math.max(24, domain.high - domain.low);
  const bars = counts.map((count, index) => {
    const top = count === 0 ? HEIGHT : HEIGHT - Math.max(0.8, (count / most) * HEIGHT);
    const x = (first + index - domain.low) * unit;
    return `M${x.toFixed(1)} ${HEIGHT}V${top.toFixed(1)}h${Math.max(0.8, unit - 0.8).toFixed(1)}V${HEIGHT}z`;
  });
  return (
    <svg
      className="mini-histogram"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      // An img could not hold a path.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="img"
      aria-label={t('layers.distributionText', { centre: Math.floor(centre) })}
    >
      <path d={bars.join('')} fill={color} opacity="0.85" />
    </svg>
  );
});
