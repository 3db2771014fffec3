/** Comparison of results bit for bit, with messages that say where and what. */
import { HEADER_WORDS, COUNTER, COUNTER_WORDS, recordWords, HEADER } from '../graph/records';
import type { StateValues } from '../graph/lanes';
import type { Plan } from '../graph/plan';
import type { PlanResult } from './plans';

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;

/** Sign and payload of a NaN that no cast site has made canonical are nobody's business, on a CPU no more than on a GPU. */
const sameValue = (a: number, b: number): boolean =>
  a === b || ((a & MAGNITUDE) > INFINITY_BITS && (b & MAGNITUDE) > INFINITY_BITS);

const wordsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

function describeValue(values: Float32Array, index: number): string {
  return `${values[index]} (0x${wordsOf(values)[index].toString(16).padStart(8, '0')})`;
}

function compareBuffer(plan: Plan, name: string, expected: Float32Array, actual: Float32Array): string[] {
  const [a, b] = [wordsOf(expected), wordsOf(actual)];
  const different = Array.from(a.keys()).filter((i) => !sameValue(a[i], b[i]));
  if (different.length === 0) return [];
  const tensor = plan.tensors.find((candidate) => plan.view(candidate).buffer === name);
  const { laneStride, rowStride } = tensor
    ? plan.view(tensor)
    : { laneStride: a.length, rowStride: a.length };
  const places = different.slice(0, 4).map((i) => {
    const lane = laneStride === 0 ? 0 : Math.floor(i / laneStride);
    const within = i - lane * laneStride;
    const place = `lane ${lane} row ${Math.floor(within / rowStride)} column ${within % rowStride}`;
    return `  ${place}: expected ${describeValue(expected, i)}, got ${describeValue(actual, i)}`;
  });
  const title = `${tensor?.name ?? name} (${name}): ${different.length} of ${a.length} elements differ`;
  return [[title, ...places].join('\n')];
}

const nameOf = (table: Readonly<Record<string, number>>, word: number): string =>
  Object.entries(table).find(([, offset]) => offset === word)?.[0] ?? `word ${word}`;

function compareRecords(plan: Plan, expected: Uint32Array, actual: Uint32Array): string[] {
  const words = recordWords(plan.sites.length);
  return Array.from(expected.keys())
    .filter((i) => !sameValue(expected[i], actual[i]))
    .map((i) => {
      const word = i % words;
      const counter = word - HEADER_WORDS;
      const place =
        counter < 0
          ? `header ${nameOf(HEADER, word)}`
          : `site ${plan.sites[Math.floor(counter / COUNTER_WORDS)].name} ${nameOf(COUNTER, counter % COUNTER_WORDS)}`;
      const hexadecimal = (x: number): string => `${x} (0x${x.toString(16)})`;
      const lane = Math.floor(i / words);
      return `record of lane ${lane}, ${place}: expected ${hexadecimal(expected[i])}, got ${hexadecimal(actual[i])}`;
    });
}

/** The numbers of a lane's state, those that its scaler remembers among them. */
const numbersOf = ({ scalerState, ...state }: StateValues): Record<string, number> => ({
  ...state,
  ...Object.fromEntries(Object.entries(scalerState).map(([name, value]) => [`scaler ${name}`, value])),
});

/** Everything in which two results differ, one message each; empty when every bit is the same. */
export function differences(plan: Plan, expected: PlanResult, actual: PlanResult): string[] {
  const found = [...expected.buffers].flatMap(([name, elements]) =>
    compareBuffer(plan, name, elements, actual.buffers.get(name) ?? new Float32Array(elements.length)),
  );
  found.push(...compareRecords(plan, expected.records, actual.records));
  expected.states.forEach((state, lane) => {
    const values = numbersOf(actual.states[lane]);
    for (const [key, value] of Object.entries(numbersOf(state))) {
      if (Object.is(value, values[key])) continue;
      found.push(`state of lane ${lane}, ${key}: expected ${value}, got ${values[key]}`);
    }
  });
  return found;
}
