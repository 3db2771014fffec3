/**
 * The program behind `npm run -s verify:elementary`: runs all 2^32 binary32 patterns through each elementary function.
 *
 * With `--backend cpu` (the default) it measures the largest error and takes a digest of all results; it compares
 * both with the stored ones, or stores them if told where (`--out`). With `--backend webgpu` it takes the digests of
 * what a device computes. That takes minutes for each function; `--every 16` looks at every sixteenth piece of 2^24
 * patterns only and compares these pieces' digests. Ends with 1 when anything differs.
 */
import { setFlagsFromString } from 'node:v8';
import { requestNodeDevice } from '../backends/webgpu/node';
import { elementaryOnDevice } from '../examination/elementary-device';
import type { RangeEvaluator } from '../examination/ranges';
import { probeDevice } from '../examination/probe-device';
import {
  ELEMENTARY,
  ELEMENTARY_NAMES,
  emptySurvey,
  evaluateRange,
  surveyRange,
  type ElementaryName,
} from '../examination/elementary-survey';
import { hexadecimal } from '../numerics/f32';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { BACKENDS } from './backend';
import {
  keptDigits,
  readResults,
  RESULTS_FILE,
  writeResults,
  type ElementaryResult,
} from './elementary-results';
import { CHUNK, chunkDigits, ChunkDigests, CHUNKS, endProgress, showProgress } from './exhaustive';
import { UsageError } from './errors';

/**
 * V8 stops inlining after a certain number of operations and would box every intermediate result of a polynomial;
 * with this limit raised the functions run five times as fast.
 */
setFlagsFromString('--max-inlined-bytecode-size-cumulative=20000');

const cpuEvaluator =
  (name: ElementaryName): RangeEvaluator =>
  (first, results) =>
    Promise.resolve(evaluateRange(ELEMENTARY[name].evaluate, first, results));

/** Evaluates every `every`-th chunk, in ascending order, and shows how far it is. The array is the same each time. */
async function forEachChunk(
  name: string,
  every: number,
  evaluate: RangeEvaluator,
  visit: (chunk: number, results: Uint32Array) => void,
): Promise<void> {
  const results = new Uint32Array(CHUNK);
  for (let chunk = 0; chunk < CHUNKS; chunk += every) {
    await evaluate(chunk * CHUNK, results);
    visit(chunk, results);
    showProgress(name, chunk + 1);
  }
  endProgress();
}

async function measure(name: ElementaryName): Promise<ElementaryResult> {
  const one = ELEMENTARY[name];
  const digests = new ChunkDigests();
  const survey = emptySurvey();
  await forEachChunk(name, 1, cpuEvaluator(name), (chunk, results) => {
    digests.add(results);
    surveyRange(one, chunk * CHUNK, results, survey);
  });
  const { worst, firstWrong, ...counts } = survey;
  if (firstWrong >= 0) console.log(`${name} gives the wrong kind of result at ${hexadecimal(firstWrong)}`);
  return { ...counts, worst: hexadecimal(worst), ...digests.finish() };
}

function describe(name: string, result: ElementaryResult): void {
  const share = ((100 * result.misrounded) / result.compared).toFixed(4);
  console.log(
    `${name}: at most ${result.maxUlp.toFixed(4)} ulp (at ${result.worst}); ${result.compared} finite results, ` +
      `${result.misrounded} (${share} %) not the closest number, ${result.undecided} undecided, ` +
      `${result.wrong} of the wrong kind; digest ${result.digest.slice(0, 16)}`,
  );
}

async function verifyOnCpu(names: readonly ElementaryName[], out: string | undefined): Promise<boolean> {
  let ok = true;
  for (const name of names) {
    const measured = await measure(name);
    describe(name, measured);
    ok &&= measured.wrong === 0;
    // Read anew each time: several functions may be measured at once.
    const results = await readResults(out ?? RESULTS_FILE);
    if (out !== undefined) {
      await writeResults(out, { ...results, [name]: measured });
    } else if (JSON.stringify(results[name]) !== JSON.stringify(measured)) {
      console.log(`${name}: this is not what ${RESULTS_FILE} says`);
      ok = false;
    }
  }
  return ok;
}

/** Names the first input of a chunk for which a device and the CPU give different bits. */
function explain(name: ElementaryName, chunk: number, found: Uint32Array): string {
  const expected = new Uint32Array(CHUNK);
  evaluateRange(ELEMENTARY[name].evaluate, chunk * CHUNK, expected);
  const i = expected.findIndex((u, k) => u !== found[k]);
  if (i < 0) return `piece ${chunk} is what this CPU computes, which is not what ${RESULTS_FILE} says`;
  return `at ${hexadecimal(chunk * CHUNK + i)} it gives ${hexadecimal(found[i])}, the CPU ${hexadecimal(expected[i])}`;
}

/** Compares the digests of every `every`-th chunk with the stored ones. */
async function compare(
  name: ElementaryName,
  every: number,
  where: string,
  evaluate: RangeEvaluator,
): Promise<boolean> {
  const stored = (await readResults(RESULTS_FILE))[name];
  if (stored === undefined) throw new UsageError(`${RESULTS_FILE} has nothing about ${name}`);
  let difference: string | undefined;
  let compared = 0;
  await forEachChunk(name, every, evaluate, (chunk, results) => {
    compared += results.length;
    if (chunkDigits(results) !== keptDigits(stored, chunk)) difference ??= explain(name, chunk, results);
  });
  const verdict = difference === undefined ? 'the stored digests' : `different: ${difference}`;
  console.log(`${name} ${where}, ${compared} inputs: ${verdict}`);
  return difference === undefined;
}

async function compareOnDevice(
  names: readonly ElementaryName[],
  every: number,
  flush: string | undefined,
): Promise<boolean> {
  const device = await requestNodeDevice();
  const nativeFtz = flush === undefined ? (await probeDevice(device)).nativeFtz : flush === 'native';
  const where = `on the device (flush: ${nativeFtz ? 'native' : 'explicit'})`;
  let ok = true;
  for (const name of names) {
    ok = (await compare(name, every, where, await elementaryOnDevice(device, name, nativeFtz))) && ok;
  }
  return ok;
}

async function compareOnCpu(names: readonly ElementaryName[], every: number): Promise<boolean> {
  let ok = true;
  for (const name of names) ok = (await compare(name, every, 'on the CPU', cpuEvaluator(name))) && ok;
  return ok;
}

async function main(argv: readonly string[]): Promise<boolean> {
  const args = readArguments(argv, {
    usage: `verify:elementary [--function ${ELEMENTARY_NAMES.join('|')}] [--backend cpu|webgpu] [--every n] [--flush native|explicit] [--out results.json]`,
    positionals: [],
    required: [],
    optional: ['function', 'backend', 'every', 'flush', 'out'],
  });
  const one = args.option('function');
  const names = one === undefined ? ELEMENTARY_NAMES : [oneOf('function', one, ELEMENTARY_NAMES)];
  const backend = oneOf('backend', args.option('backend') ?? 'cpu', BACKENDS);
  const every = positiveInteger('every', args.option('every') ?? '1', CHUNKS);
  const flush = args.option('flush');
  if (backend === 'webgpu') {
    return compareOnDevice(
      names,
      every,
      flush === undefined ? undefined : oneOf('flush', flush, ['native', 'explicit']),
    );
  }
  return every > 1 ? compareOnCpu(names, every) : verifyOnCpu(names, args.option('out'));
}

try {
  const ok = await main(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(ok ? 0 : 1);
} catch (error) {
  console.error(`verify:elementary: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
