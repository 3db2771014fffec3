/** Smoothing of noisy curves: a de-biased exponential moving average in log space, as the axis is logarithmic. */

/**
 * @param positions ascending, of the values on the x axis
 * @param values positive; null and what is not positive gives null and is passed over
 * @param span distance over which the weight of a value falls to 1/e
 */
export function smoothLog(
  positions: readonly number[],
  values: readonly (number | null)[],
  span: number,
): (number | null)[] {
  let sum = 0;
  let weight = 0;
  let last = NaN;
  return values.map((value, index) => {
    if (value === null || !(value > 0)) return null;
    // A value counts for the stretch up to it; the first one for one step.
    const distance = Number.isNaN(last) ? 1 : positions[index] - last;
    const decay = Math.exp(-distance / span);
    last = positions[index];
    sum = sum * decay + Math.log(value) * (1 - decay);
    weight = weight * decay + (1 - decay);
    return Math.exp(sum / weight);
  });
}
