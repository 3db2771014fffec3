/** Inputs for tests: reproducible, and with every value that makes a kernel stumble. */

/** A linear congruential generator (Numerical Recipes' constants), uniform in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Values of a normal distribution with this standard deviation. */
export function gaussian(length: number, seed: number, deviation = 1): Float32Array {
  const random = uniform(seed);
  return Float32Array.from({ length }, () => {
    // Box and Muller; 1 - u is never zero.
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return deviation * radius * Math.cos(2 * Math.PI * random());
  });
}

/**
 * Values of every magnitude that f32 has as a normal number (subnormals do not occur in the engine: numerics/f32.ts),
 * a tenth of them zeros of either sign, and, unless told otherwise, some infinities and NaN.
 */
export function adversarial(length: number, seed: number, options: { finite?: boolean } = {}): Float32Array {
  const random = uniform(seed);
  return Float32Array.from({ length }, () => {
    const sign = random() < 0.5 ? -1 : 1;
    const kind = random();
    if (kind < 0.1) return sign > 0 ? 0 : -0;
    if (kind < 0.14 && !options.finite) return random() < 0.5 ? NaN : sign * Infinity;
    return sign * 2 ** (Math.floor(random() * 253) - 126) * (1 + Math.floor(random() * 2 ** 23) / 2 ** 23);
  });
}
