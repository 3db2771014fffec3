/**
 * The program behind `npm run -s verify:elementary`: runs all 2^32 binary32 patterns through each elementary function.
 *
 * With `--backend cpu` (the default) it measures the largest error and takes a digest of all results; it compares
 * both with the stored ones, or stores them if told where (`--out`). With `--backend webgpu` it takes the digest of what
 * a device computes. Takes minutes for each function. Ends with 1 when anything differs.
 */
import { setFlagsFromString } from 'node:v8';
import { requestNodeDevice } from '../backends/webgpu/node';
import { elementaryOnDevice } from '../backends/webgpu/elementary';
import { probeDevice } from '../backends/webgpu/probe';
import {
  ELEMENTARY,
  ELEMENTARY_NAMES,
  emptySurvey,
  evaluateRange,
  surveyRange,
  type ElementaryName,
} from '../numerics/elementary-survey';
import { oneOf, readArguments } from './arguments';
import { BACKENDS } from './backend';
import {
  CHUNK,
  ChunkDigests,
  CHUNKS,
  hexadecimal,
  keptDigits,
  readResults,
  RESULTS_FILE,
  type ElementaryResult,
} from './elementary-results';
import { UsageError } from './errors';
import { writeJson } from './files';

/**
 * V8 stops inlining after a certain number of operations and would box every intermediate result of a polynomial;
 * with this limit raised the functions run five times as fast.
 */
setFlagsFromString('--max-inlined-bytecode-size-cumulative=20000');

function progress(name: string, chunk: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${name} ${chunk + 1}/${CHUNKS} `);
  else if ((chunk + 1) % 32 === 0) console.error(`${name} ${chunk + 1}/${CHUNKS}`);
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function measure(name: ElementaryName): ElementaryResult {
  const one = ELEMENTARY[name];
  const results = new Uint32Array(CHUNK);
  const digests = new ChunkDigests();
  const survey = emptySurvey();
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    evaluateRange(one.evaluate, chunk * CHUNK, results);
    digests.add(results);
    surveyRange(one, chunk * CHUNK, results, survey);
    progress(name, chunk);
  }
  endProgress();
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
    const measured = measure(name);
    describe(name, measured);
    ok &&= measured.wrong === 0;
    // Read anew each time: several functions may be measured at once.
    const results = await readResults(out ?? RESULTS_FILE);
    if (out !== undefined) {
      await writeJson(out, { ...results, [name]: measured });
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
  if (i < 0) return `chunk ${chunk} agrees with this CPU, which does not agree with ${RESULTS_FILE}`;
  return `at ${hexadecimal(chunk * CHUNK + i)} it gives ${hexadecimal(found[i])}, the CPU ${hexadecimal(expected[i])}`;
}

async function verifyOnDevice(names: readonly ElementaryName[], flush: string | undefined): Promise<boolean> {
  const device = await requestNodeDevice();
  const verdict = await probeDevice(device);
  const nativeFtz = flush === undefined ? verdict.nativeFtz : flush === 'native';
  const stored = await readResults(RESULTS_FILE);
  let ok = true;
  for (const name of names) {
    const expected = stored[name];
    if (expected === undefined) throw new UsageError(`${RESULTS_FILE} has nothing about ${name}`);
    const evaluate = await elementaryOnDevice(device, name, nativeFtz);
    const results = new Uint32Array(CHUNK);
    const digests = new ChunkDigests();
    let difference: string | undefined;
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      await evaluate(chunk * CHUNK, results);
      const same = digests.add(results) === keptDigits(expected, chunk);
      if (!same) difference ??= explain(name, chunk, results);
      progress(name, chunk);
    }
    endProgress();
    const { digest } = digests.finish();
    ok &&= digest === expected.digest;
    const verb = digest === expected.digest ? 'the same bits as the CPU' : `different: ${difference}`;
    console.log(
      `${name} on the device (flush: ${nativeFtz ? 'native' : 'explicit'}): ${verb}; digest ${digest.slice(0, 16)}`,
    );
  }
  return ok;
}

async function main(argv: readonly string[]): Promise<boolean> {
  const args = readArguments(argv, {
    usage: `verify:elementary [--function ${ELEMENTARY_NAMES.join('|')}] [--backend cpu|webgpu] [--flush native|explicit] [--out results.json]`,
    positionals: [],
    required: [],
    optional: ['function', 'backend', 'flush', 'out'],
  });
  const one = args.option('function');
  const names = one === undefined ? ELEMENTARY_NAMES : [oneOf('function', one, ELEMENTARY_NAMES)];
  const backend = oneOf('backend', args.option('backend') ?? 'cpu', BACKENDS);
  const flush = args.option('flush');
  if (backend === 'cpu') return verifyOnCpu(names, args.option('out'));
  return verifyOnDevice(
    names,
    flush === undefined ? undefined : oneOf('flush', flush, ['native', 'explicit']),
  );
}

try {
  const ok = await main(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(ok ? 0 : 1);
} catch (error) {
  console.error(`verify:elementary: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
