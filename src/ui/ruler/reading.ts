/** The numbers of the read-out. */
import { estimated, measured, type Estimate, type Shares } from '../../analysis/ruler';
import type { RulerView } from '../store/state';

/** `seen` and `reference` are the bars, `estimate` is about bars that are not there. */
export interface Reading {
  readonly seen: Shares | null;
  readonly reference: Shares | null;
  readonly estimate: { readonly scale: number; readonly shares: Estimate } | null;
}

/**
 * The estimate is for the scale at which the handle stands, where that is another than the bars show, and for no
 * scaling otherwise: two numbers for one scale, a count and an estimate, would contradict each other.
 */
export function readingOf(view: RulerView, scaleOfHandle: number): Reading {
  const scale = scaleOfHandle === view.scale ? 1 : scaleOfHandle;
  const shares =
    scale === view.scale || view.lane === view.referenceLane ? null : estimated(view.parts, scale);
  return {
    seen: measured(view.seen),
    reference: view.reference && measured(view.reference),
    estimate: shares && { scale, shares },
  };
}
