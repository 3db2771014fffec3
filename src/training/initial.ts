/** Initial values of parameters: functions of a seed and nothing else, so that an exported script has the same. */
import { sizeOf, type Parameter } from '../graph/tensor';
import { normal } from '../numerics/normal';
import { randomWord } from '../numerics/philox';

/** The value of element i of the parameter with this index, which is its stream of random numbers. */
type Draw = (index: number, i: number) => number;

/**
 * f32(bound) · k / 2^23 with k, an integer in [-2^23, 2^23), from the upper 24 bits of a Philox word. k / 2^23 is exact
 * in f32, so that one product is all that rounds.
 */
function uniformIn(bound: number, seed: number): Draw {
  const width = Math.fround(bound);
  return (index, i) => width * (((randomWord(seed, index, i) >>> 8) - 2 ** 23) / 2 ** 23);
}

function drawFor({ initial }: Parameter, seed: number): Draw {
  switch (initial.kind) {
    case 'uniform':
      return uniformIn(initial.bound, seed);
    // In double precision, rounded once.
    case 'normal':
      return (index, i) => initial.mean + initial.deviation * normal(seed, index, i);
    case 'constant':
      return () => initial.value;
  }
}

/** Dense values of a parameter, rounded to f32. */
export function initialValues(parameter: Parameter, seed: number): Float32Array {
  const draw = drawFor(parameter, seed);
  return Float32Array.from({ length: sizeOf(parameter) }, (_, i) => draw(parameter.index, i));
}

/** Initial values of all parameters by name. */
export const initialParameters = (
  parameters: readonly Parameter[],
  seed: number,
): ReadonlyMap<string, Float32Array> =>
  new Map(parameters.map((parameter) => [parameter.name, initialValues(parameter, seed)]));
