/** What a number may be. */
export interface Bound {
  readonly min: number;
  readonly max: number;
  readonly integer?: true;
  /** The bound itself is not allowed. */
  readonly minExclusive?: true;
  readonly maxExclusive?: true;
}

export function withinBound(bound: Bound, value: number): boolean {
  return (
    // -0 is refused: it would not survive being written into a link.
    !Object.is(value, -0) &&
    (bound.minExclusive ? value > bound.min : value >= bound.min) &&
    (bound.maxExclusive ? value < bound.max : value <= bound.max) &&
    (!bound.integer || Number.isInteger(value))
  );
}
