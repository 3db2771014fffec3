/**
 * The program behind `npm run -s verify:exhaustive`: rounds all 2^32 binary32 patterns on the device and on the CPU,
 * compares every bit, and takes a digest of the results of each format. The digests are compared with the stored
 * ones, or stored if told where (`--out`). Ends with 1 when anything differs.
 */
import { requestNodeDevice } from '../backends/webgpu/node';
import { roundRangesOnDevice } from '../examination/round-device';
import {
  parseFormat,
  ROUNDING_MODES,
  roundingDescriptor,
  type NumberFormat,
  type RoundingMode,
} from '../numerics/formats';
import { hexadecimal } from '../numerics/f32';
import { roundArray } from '../numerics/round';
import { oneOf, readArguments } from './arguments';
import { CHUNK, ChunkDigests, CHUNKS, endProgress, showProgress } from './exhaustive';
import { orUsageError, UsageError } from './errors';
import { readJson, writeJson } from './files';

/** npm runs scripts with the repository as working directory. */
const RESULTS_FILE = 'src/numerics/testdata/rounding-digests.json';

const FORMAT_NAMES = ['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2'];
/** All but stochastic rounding, which takes more than the pattern. */
const MODES = ROUNDING_MODES.filter((mode) => mode !== 'stochastic');

interface Comparison {
  readonly differing: number;
  /** The first pattern that is rounded differently, and what the two give. */
  readonly first: string | undefined;
  readonly digest: string;
}

async function compare(
  device: GPUDevice,
  what: string,
  format: NumberFormat,
  mode: RoundingMode,
): Promise<Comparison> {
  const onDevice = await roundRangesOnDevice(device, format, mode);
  const descriptor = roundingDescriptor(format, mode);
  const found = new Uint32Array(CHUNK);
  const expected = new Uint32Array(CHUNK);
  const digests = new ChunkDigests();
  let differing = 0;
  let first: string | undefined;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const begin = chunk * CHUNK;
    // The device works while the CPU does.
    const results = onDevice(begin, found);
    for (let i = 0; i < CHUNK; i++) expected[i] = begin + i;
    roundArray(expected, expected, descriptor);
    await results;
    for (let i = 0; i < CHUNK; i++) {
      if (found[i] === expected[i]) continue;
      first ??= `${hexadecimal(begin + i)}: device ${hexadecimal(found[i])}, CPU ${hexadecimal(expected[i])}`;
      differing++;
    }
    digests.add(found);
    showProgress(what, chunk + 1);
  }
  endProgress();
  return { differing, first, digest: digests.finish().digest };
}

async function verify(argv: readonly string[]): Promise<boolean> {
  const args = readArguments(argv, {
    usage: `verify:exhaustive [--format ${FORMAT_NAMES.join('|')}|…] [--rounding ${MODES.join('|')}] [--out digests.json]`,
    positionals: [],
    required: [],
    optional: ['format', 'rounding', 'out'],
  });
  const only = args.option('format');
  const mode = oneOf('rounding', args.option('rounding') ?? 'nearest-even', MODES);
  const formats = await orUsageError('--format', () =>
    (only === undefined ? FORMAT_NAMES : [only]).map(parseFormat),
  );
  const out = args.option('out');
  const stored = (await readJson(RESULTS_FILE)) as Record<string, string>;
  const device = await requestNodeDevice();
  let ok = true;
  for (const format of formats) {
    const name = mode === 'nearest-even' ? format.name : `${format.name} ${mode}`;
    const { differing, first, digest } = await compare(device, name, format, mode);
    console.log(`${name}: ${2 ** 32} inputs, ${differing} rounded differently; digest ${digest}`);
    if (first !== undefined) console.log(`  first ${first}`);
    const asStored = stored[name] === undefined || stored[name] === digest;
    if (out === undefined && !asStored) console.log(`  ${RESULTS_FILE} has ${stored[name]}`);
    ok &&= differing === 0 && (out !== undefined || asStored);
    stored[name] = digest;
    if (out !== undefined) await writeJson(out, stored);
  }
  return ok;
}

try {
  const ok = await verify(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(ok ? 0 : 1);
} catch (error) {
  console.error(`verify:exhaustive: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
