import { useState, type ReactNode } from 'react';
import { centreOf, shifted } from '../../analysis/ruler';
import type { NumberFormat } from '../../numerics/formats';
import type { RulerView } from '../store/state';
import { Bars, heightsFor, Outline } from './Bars';
import { FormatBars, formatRows } from './FormatBars';
import { domainOf, FORMAT_ROW, FORMATS_TOP, geometryOf, union, type Domain } from './geometry';
import { Handle } from './Handle';
import { SideBars } from './SideBars';
import type { ScaleDrag } from './use-scale-drag';
import { useWidth } from './use-width';
import { Axis, Zones } from './Zones';

export interface FigureProps {
  /** Number of the run, and lane, whose axis it is. */
  readonly run: number;
  readonly lane: number;
  readonly laneName: string;
  readonly color: string;
  readonly format: NumberFormat;
  /** In force, or the one that the handle is being moved to. */
  readonly scale: number;
  /** Null where there is no scale to set. */
  readonly drag: ScaleDrag | null;
  readonly logCounts: boolean;
  readonly view: RulerView | null;
}

/** The axis only grows while one lane of one run is looked at, and holds still while the handle is held. */
function useDomain(key: string, wanted: Domain, hold: boolean): Domain {
  const [kept, setKept] = useState({ key, domain: wanted });
  const domain = kept.key !== key ? wanted : hold ? kept.domain : union(kept.domain, wanted);
  if (kept.key !== key || domain.low !== kept.domain.low || domain.high !== kept.domain.high) {
    setKept({ key, domain });
  }
  return domain;
}

/** Where the middle of the gradients is without loss scale; the middle of the axis while nobody knows. */
function startOf(view: RulerView | null, { low, high }: Domain): number {
  const reference = view?.reference ? centreOf(view.reference) : null;
  const seen = view ? centreOf(view.seen) : null;
  return reference ?? (view && seen !== null ? seen - Math.log2(view.scale) : (low + high) / 2);
}

export function Figure({
  run,
  lane,
  laneName,
  color,
  format,
  scale,
  drag,
  logCounts,
  view,
}: FigureProps): ReactNode {
  const [container, width] = useWidth();
  const reference = view?.reference ?? null;
  const seen = view?.seen ?? null;
  const held = drag?.preview ?? null;
  const domain = useDomain(`${run} ${lane}`, domainOf(format, [reference, seen]), held !== null);
  const geometry = geometryOf(width, domain);
  const heightOf = heightsFor([reference, seen], logCounts);
  const height = FORMATS_TOP + formatRows(format).length * FORMAT_ROW + 4;
  return (
    <div className="ruler-figure" ref={container}>
      <svg width={width} height={height} data-dragging={held !== null || undefined}>
        <Zones geometry={geometry} format={format} />
        <SideBars geometry={geometry} color={color} reference={reference} seen={seen} />
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
        {reference && held && (
          <Outline
            geometry={geometry}
            distribution={shifted(reference, held.exponent)}
            heightOf={heightOf}
            color={color}
          />
        )}
        <Axis geometry={geometry} />
        <FormatBars geometry={geometry} own={format} />
        {drag && (
          <Handle
            geometry={geometry}
            from={startOf(view, domain)}
            scale={scale}
            lane={laneName}
            drag={drag}
          />
        )}
      </svg>
    </div>
  );
}
