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
  // The scales that FP32 has span 277 powers of two.
  const every = [1, 2, 4, 5, 10, 20].find((step) => (to - from) / step < MOST_LABELS) ?? 50;
  const first = Math.ceil(from / every) * every;
  const ticks = Array.from(
    { length: Math.floor((to - first) / every) + 1 },
    (_, index) => first + index * every,
  );
  return { domain: [from, to], ticks };
}

/** Digits at which ticks of every decade may stand, densest first. */
const DIGITS: readonly (readonly number[])[] = [
  tenths(10),
  tenths(5),
  tenths(2),
  tenths(1),
  [1, 2, 5],
  [1, 3],
  [1],
];
/** Beyond these only every n-th decade has a tick. The losses of FP32 span 83 decades. */
const DECADES = [2, 3, 4, 5, 10, 20, 50, 100];

/** Labels of a y axis: more than these, or nearer than so much of its length, would touch. */
const MOST_LABELS = 7;
const NEAREST = 0.09;

/** 1 to below 10, with so many steps to each unit. */
function tenths(steps: number): number[] {
  return Array.from({ length: 9 * steps }, (_, index) => 1 + index / steps);
}

/** The margin above and below; no domain is narrower than a ratio of its square, so two digits tell ticks apart. */
const MARGIN = 1.15;

/** A logarithmic axis with as many ticks at round numbers as there is room for. */
export function logAxis(rows: Parameters<typeof extent>[0]): YAxis {
  const positive = rows.map(({ values }) => ({
    values: values.map((value) => (value !== null && value > 0 ? value : null)),
  }));
  const [low, high] = extent(positive) ?? [0.1, 1];
  const domain = [low / MARGIN, high * MARGIN] as const;
  return { domain, ticks: logTicks(domain) };
}

function logTicks(domain: YAxis['domain']): readonly number[] {
  const [from, to] = domain.map((end) => Math.floor(Math.log10(end)));
  const decades = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const within = (tick: number): boolean => tick >= domain[0] && tick <= domain[1];
  // From decimal digits, so that a tick is the number that its label says.
  const ticksAt = (digits: readonly number[]): number[] =>
    decades
      .flatMap((decade) => digits.map((digit) => Number(`${digit.toFixed(1)}e${decade}`)))
      .filter(within);
  const powers = ticksAt([1]);
  const bySize = decades.length <= 2 * MOST_LABELS ? DIGITS.map(ticksAt) : [];
  const byDecade = DECADES.map((every) =>
    powers.filter((tick) => Math.round(Math.log10(tick)) % every === 0),
  );
  const regular = [...bySize, ...byDecade].find((ticks) => ticks.length > 1 && haveRoom(ticks, domain));
  return regular ?? roundest(bySize, domain);
}

function haveRoom(ticks: readonly number[], [low, high]: YAxis['domain']): boolean {
  const nearest = (high / low) ** NEAREST;
  return (
    ticks.length <= MOST_LABELS &&
    ticks.every((tick, index) => index === 0 || tick / ticks[index - 1] >= nearest)
  );
}

/** For a short axis across a power of ten, where equal steps stand ten times as near on one side of it. */
function roundest(bySize: readonly (readonly number[])[], domain: YAxis['domain']): readonly number[] {
  return bySize
    .toReversed()
    .flat()
    .reduce<number[]>((kept, tick) => {
      const more = [...new Set([...kept, tick])].toSorted((a, b) => a - b);
      return haveRoom(more, domain) ? more : kept;
    }, []);
}

/** The longest label that has room beside an axis, in characters. */
export const LONGEST_LABEL = 7;

/** The label of a logarithmic axis's tick, which has two digits at most: `0.05`, `300`, `2e6`, `1.5e-30`. */
export function tickText(tick: number): string {
  return tick >= 1e-3 && tick < 1e5 ? String(tick) : tick.toExponential().replace('e+', 'e');
}

/** Whole steps from 0 to the end of the x axis, at 1, 2 or 5 times a power of ten, at most six of them. */
export function stepTicks(steps: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, steps / 5)));
  const every = [1, 2, 5, 10].map((digit) => digit * decade).find((size) => steps / size <= 5) ?? 10 * decade;
  return Array.from({ length: Math.floor(steps / every) + 1 }, (_, index) => index * every);
}
