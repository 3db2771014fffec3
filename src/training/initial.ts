/** Initial values of parameters: functions of a seed and nothing else, so that an exported script has the same. */
import { sizeOf, type Parameter } from '../graph/tensor';
import { randomWord } from '../numerics/philox';

/**
 * Dense values of U(-bound, bound): f32(bound) · k / 2^23 with k, an integer in [-2^23, 2^23), from the upper 24 bits
 * of the Philox words of the parameter's stream. k / 2^23 is exact in f32, so that one product is all that rounds.
 */
export function initialValues(parameter: Parameter, seed: number): Float32Array {
  const bound = Math.fround(parameter.initBound);
  return Float32Array.from({ length: sizeOf(parameter) }, (_, i) => {
    const k = (randomWord(seed, parameter.index, i) >>> 8) - 2 ** 23;
    return bound * (k / 2 ** 23);
  });
}

/** Initial values of all parameters by name. */
export const initialParameters = (
  parameters: readonly Parameter[],
  seed: number,
): ReadonlyMap<string, Float32Array> =>
  new Map(parameters.map((parameter) => [parameter.name, initialValues(parameter, seed)]));
