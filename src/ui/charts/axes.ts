/** Domains and ticks of the charts' y axes. */

export interface YAxis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

const present = (rows: readonly { readonly values: readonly (number | null)[] }[]): number[] =>
  rows.flatMap(({ values }) => values.filter((value) => value !== null));

/** Smallest and largest value of chart rows, null when there is none. */
function extent(rows: readonly { readonly values: readonly (number | null)[] }[]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of present(rows)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** Whole exponents, every second, fifth or so of them labelled, with a margin above and below. */
export function exponentAxis(rows: Parameters<typeof extent>[0]): YAxis {
  const [low, high] = extent(rows) ?? [8, 16];
  const from = Math.floor(low) - 1;
  const to = Math.ceil(high) + 1;
  const every = [1, 2, 4, 5, 10, 20].find((step) => (to - from) / step <= 6) ?? 40;
  const first = Math.ceil(from / every) * every;
  const ticks = Array.from(
    { length: Math.floor((to - first) / every) + 1 },
    (_, index) => first + index * every,
  );
  return { domain: [from, to], ticks };
}

/** A logarithmic axis with ticks at 1, 2 and 5 of each decade, or at decades alone when there are many. */
export function logAxis(rows: Parameters<typeof extent>[0]): YAxis {
  const positive = rows.map(({ values }) => ({
    values: values.map((value) => (value !== null && value > 0 ? value : null)),
  }));
  const [low, high] = extent(positive) ?? [0.1, 1];
  const domain: [number, number] = [low / 1.15, high * 1.15];
  const decades = Array.from(
    { length: Math.ceil(Math.log10(domain[1])) - Math.floor(Math.log10(domain[0])) + 1 },
    (_, index) => Math.floor(Math.log10(domain[0])) + index,
  );
  const digits = decades.length > 4 ? [1] : decades.length > 3 ? [1, 3] : [1, 2, 5];
  const ticks = decades
    .flatMap((decade) => digits.map((digit) => Number(`${digit}e${decade}`)))
    .filter((tick) => tick >= domain[0] && tick <= domain[1]);
  return { domain, ticks: ticks.length > 1 ? ticks : [low, high] };
}

/** Whole steps from 0 to the end of the x axis, at 1, 2 or 5 times a power of ten, at most six of them. */
export function stepTicks(steps: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, steps / 5)));
  const every = [1, 2, 5, 10].map((digit) => digit * decade).find((size) => steps / size <= 5) ?? 10 * decade;
  return Array.from({ length: Math.floor(steps / every) + 1 }, (_, index) => index * every);
}
