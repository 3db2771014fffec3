/** `amp scalers`: plays cases of loss scalers and writes what came of each, under the case's name. */
import { shown } from '../numerics/shown';
import { oneOf, readArguments } from './arguments';
import { openBackend, TRAINING_BACKENDS } from './backend';
import { orUsageError } from './errors';
import { readJson, writeText } from './files';
import { answersOf, backendPlayer, type ScalerAnswer } from './scaler-answers';
import { CaseError, parseCase, playOf, readCases, type CasePlay } from './scaler-cases';

interface Asked {
  readonly name: string;
  /** What to play, or why it cannot be. */
  readonly play: CasePlay | { readonly problem: string };
}

/** A case that cannot be played says so for itself; the others go on. */
function read(input: unknown, index: number): Asked {
  const given = typeof input === 'object' && input !== null && 'name' in input ? input.name : undefined;
  const name = typeof given === 'string' ? given : `case ${index}`;
  try {
    return { name, play: playOf(parseCase(input)) };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    return { name, play: { problem: error.message } };
  }
}

/**
 * JSON in which whole numbers beyond 2^53 have an exponent. Their digits are the shortest that give the same double, and
 * readers that take a row of digits for a whole number would read another one.
 */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) return value.toExponential();
  return JSON.stringify(value);
}

export async function scalersCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: `amp scalers cases.json --backend ${TRAINING_BACKENDS.join('|')} --out out.json`,
    positionals: ['cases.json'],
    required: ['backend', 'out'],
    optional: [],
  });
  const kind = oneOf('backend', args.required('backend'), TRAINING_BACKENDS);
  const path = args.positional('cases.json');
  const file = await readJson(path);
  const asked = (await orUsageError(path, () => readCases(file))).map(read);
  const backend = await openBackend(kind);
  const plays = asked.flatMap(({ play }) => ('problem' in play ? [] : [play]));
  const answers = (await answersOf(plays, backendPlayer(backend))).values();
  const results = asked.map(({ name, play }): [string, ScalerAnswer | { readonly problem: string }] => {
    if ('problem' in play) console.error(`amp: ${shown(name)}: ${play.problem}`);
    const answer = 'problem' in play ? play : answers.next().value;
    return [name, answer ?? { problem: 'no answer' }];
  });
  await writeText(args.required('out'), `${jsonText(Object.fromEntries(results))}\n`);
}
