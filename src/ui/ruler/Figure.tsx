import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import { centreOf, shifted, type Distribution } from '../../analysis/ruler';
import type { NumberFormat } from '../../numerics/formats';
import { Bars, heightsFor, Outline, SideBar } from './Bars';
import { FormatBars, formatRows } from './FormatBars';
import {
  domainOf,
  FORMAT_ROW,
  FORMATS_TOP,
  geometryOf,
  PLOT_HEIGHT,
  PLOT_TOP,
  union,
  type Domain,
} from './geometry';
import { Handle } from './Handle';
import { useScaleDrag } from './use-scale-drag';
import { useWidth } from './use-width';
import { Axis, Zones } from './Zones';

export interface FigureProps {
  readonly lane: number;
  readonly laneName: string;
  readonly color: string;
  readonly format: NumberFormat;
  readonly scale: number;
  readonly draggable: boolean;
  readonly logCounts: boolean;
  readonly reference: Distribution | null;
  readonly seen: Distribution | null;
  /** Told while the scale is dragged, null when it is let go. */
  readonly onDrag: (exponent: number | null) => void;
}

/** Share of all values that are of one kind. */
function sideShare(distribution: Distribution | null, kind: 'zero' | 'nonFinite'): number | null {
  if (!distribution) return null;
  const { zero, nonFinite, nonzero } = distribution;
  const all = zero + nonFinite + nonzero;
  return all > 0 ? distribution[kind] / all : null;
}

/** The axis only grows while one format is looked at, so that nothing jumps. */
function useDomain(key: string, wanted: Domain): Domain {
  const [kept, setKept] = useState({ key, domain: wanted });
  const domain = kept.key === key ? union(kept.domain, wanted) : wanted;
  if (kept.key !== key || domain.low !== kept.domain.low || domain.high !== kept.domain.high) {
    setKept({ key, domain });
  }
  return domain;
}

export function Figure(props: FigureProps): ReactNode {
  const { lane, laneName, color, format, scale, draggable, logCounts, reference, seen, onDrag } = props;
  const { t } = useTranslation();
  const [container, width] = useWidth();
  const domain = useDomain(`${lane} ${format.name}`, domainOf(format, [reference, seen]));
  const geometry = geometryOf(width, domain);
  const { dragged, pointer, onKeyDown } = useScaleDrag(
    lane,
    Math.round(Math.log2(scale)),
    geometry.unit,
    onDrag,
  );
  const shownScale = dragged === null ? scale : 2 ** dragged;
  const heightOf = heightsFor([reference, seen], logCounts);
  const height = FORMATS_TOP + formatRows(format).length * FORMAT_ROW + 4;
  const sideWidth = geometry.left - 46 > 28 ? 26 : 18;
  const share = (kind: 'zero' | 'nonFinite') => {
    const own = sideShare(seen, kind);
    return {
      reference: sideShare(reference, kind),
      seen: own,
      title: `${t(kind === 'zero' ? 'ruler.exactZeroFull' : 'ruler.nonFinite')}: ${t('ruler.of', { share: shareText(own ?? 0) })}`,
    };
  };
  return (
    <div className="ruler-figure" ref={container}>
      <svg width={width} height={height} data-dragging={dragged !== null || undefined}>
        <Zones geometry={geometry} format={format} />
        <SideBar
          x={geometry.left - sideWidth - 12}
          width={sideWidth}
          label={t('ruler.exactZero')}
          color={color}
          {...share('zero')}
        />
        <SideBar
          x={geometry.right + 8}
          width={sideWidth}
          label={t(sideWidth < 20 ? 'ruler.infinite' : 'ruler.nonFinite')}
          color={color}
          {...share('nonFinite')}
        />
        {reference && (
          <Bars geometry={geometry} distribution={reference} heightOf={heightOf} className="reference-bars" />
        )}
        {seen && (
          <Bars
            geometry={geometry}
            distribution={seen}
            heightOf={heightOf}
            className="seen-bars"
            color={color}
          />
        )}
        {reference && dragged !== null && (
          <Outline
            geometry={geometry}
            distribution={shifted(reference, dragged)}
            heightOf={heightOf}
            color={color}
          />
        )}
        <Axis geometry={geometry} />
        <FormatBars geometry={geometry} own={format} />
        {draggable && (
          <>
            <rect
              className="drag-area"
              x={geometry.left}
              y={PLOT_TOP}
              width={geometry.right - geometry.left}
              height={PLOT_HEIGHT}
              {...pointer}
            />
            <Handle
              geometry={geometry}
              from={(reference && centreOf(reference)) ?? (geometry.low + geometry.high) / 2}
              scale={shownScale}
              lane={laneName}
              pointer={pointer}
              onKeyDown={onKeyDown}
            />
          </>
        )}
      </svg>
    </div>
  );
}
