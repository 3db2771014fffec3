/**
 * The examination behind the trust page: what the probe asks at start-up, told case by case, the rounding of every
 * code of every format of up to 16 bits, and, for information, what the device's own operations give. It opens a device of its own, so that a running experiment goes on.
 */
import { openDevice, WebGpuUnavailable, type OpenDevice } from '../backends/webgpu/device';
import { askNative, type NativeFindings } from './native-device';
import { runProbe } from './probe-device';
import { roundOnDevice } from './round-device';
import { decode } from '../numerics/codes';
import { hexadecimal, isNaNBits } from '../numerics/f32';
import { DEFAULT_RANDOM_BITS, FORMATS, ROUNDING_MODES, type NumberFormat } from '../numerics/formats';
import { randomWord } from '../numerics/philox';
import { createProbe, judgeDevice, tallyProbe, type ProbeTally } from './probe';
import type { RoundingMode } from '../numerics/formats';
import { CANONICAL_NAN } from '../numerics/round';
import type { Message } from '../numerics/message';
import { roundWords, type ArrayRounding } from '../numerics/round-array';

/** How a device rounds, compared with the reference. */
export interface RoundingTally {
  /** The format, or whatever is examined. */
  readonly name: string;
  readonly cases: number;
  readonly differing: number;
  readonly example: string | null;
}

export interface Examination {
  /** Name and details of the adapter, as far as the browser tells them. */
  readonly adapter: string;
  readonly details: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  /** Those that decide how large an experiment can be. */
  readonly limits: Readonly<Record<string, number>>;
  /** Which kernels run here: those that rely on the device's flushing, those that flush themselves, or the CPU. */
  readonly tier: 'native' | 'explicit' | 'cpu';
  readonly notes: readonly Message[];
  readonly arithmetic: readonly ProbeTally[];
  readonly rounding: readonly (RoundingTally & { readonly mode: RoundingMode })[];
  /** Operations that the engine does not use. */
  readonly native: NativeFindings;
  /** SHA-256 of all results that the engine relies on, NaN canonical: devices that compute alike have the same. */
  readonly digest: string;
}

/** Either what the device did or why there is none. */
export type ExaminationResult =
  | { readonly kind: 'examined'; readonly examination: Examination }
  | { readonly kind: 'unavailable'; readonly reason: Message };

/** Every number of a format, what lies in the middle between two, and the f32 neighbours of that. */
function aroundEveryCode(format: NumberFormat): Uint32Array {
  const inputs: number[] = [];
  const codes = 2 ** format.storageBits;
  for (let code = 0; code < codes; code++) {
    const u = decode(code, format);
    const next = code + 1 < codes ? decode(code + 1, format) : u;
    inputs.push(u);
    // Patterns of neighbours of one sign are in order, and their middle is close to the middle of the values.
    if (u < next && next - u < 2 ** 24) {
      const middle = Math.floor((u + next) / 2);
      inputs.push(middle - 1, middle, middle + 1);
    }
  }
  return Uint32Array.from(inputs);
}

const SAMPLE = 2 ** 14;
const sample = (): Uint32Array => Uint32Array.from({ length: SAMPLE }, (_, i) => randomWord(6, 0, i));

/** All formats that have codes of up to 16 bits, to nearest even; FP16 in every other way on a sample. */
function* roundings(): Generator<[name: string, inputs: Uint32Array, rounding: ArrayRounding]> {
  const common = { randomBits: DEFAULT_RANDOM_BITS, seed: 0 };
  for (const format of Object.values(FORMATS)) {
    if (format.storageBits > 16) continue;
    yield [format.label, aroundEveryCode(format), { ...common, format, mode: 'nearest-even' }];
  }
  for (const mode of ROUNDING_MODES.slice(1)) {
    yield [FORMATS.fp16.label, sample(), { ...common, format: FORMATS.fp16, mode }];
  }
}

export function tallyRounding(
  name: string,
  inputs: Uint32Array,
  results: Uint32Array,
  expected: Uint32Array,
): RoundingTally {
  let differing = 0;
  let example: string | null = null;
  for (let i = 0; i < inputs.length; i++) {
    if (results[i] === expected[i]) continue;
    differing++;
    example ??= `${hexadecimal(inputs[i])} → ${hexadecimal(results[i])} ≠ ${hexadecimal(expected[i])}`;
  }
  return { name, cases: inputs.length, differing, example };
}

async function digestOf(results: readonly Uint32Array[]): Promise<string> {
  const all = new Uint32Array(results.reduce((length, words) => length + words.length, 0));
  let at = 0;
  for (const words of results) {
    all.set(words, at);
    at += words.length;
  }
  const canonical = all.map((u) => (isNaNBits(u) ? CANONICAL_NAN : u));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', canonical));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function examineDevice({ device, name, info }: OpenDevice): Promise<Examination> {
  const probe = createProbe();
  const verdict = await judgeDevice(probe, (nativeFtz) => runProbe(device, probe, nativeFtz));
  const results = [verdict.results];
  const rounding: Examination['rounding'][number][] = [];
  for (const [what, inputs, how] of roundings()) {
    const rounded = await roundOnDevice(device, inputs, how);
    results.push(rounded);
    rounding.push({ ...tallyRounding(what, inputs, rounded, roundWords(inputs, how)), mode: how.mode });
  }
  const { vendor, architecture, device: model, description } = info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = device.limits;
  const faithful = verdict.faithful && rounding.every(({ differing }) => differing === 0);
  const kernels = verdict.nativeFtz ? 'native' : 'explicit';
  return {
    adapter: name,
    details: { vendor, architecture, device: model, description },
    features: [...device.features].sort(),
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension },
    tier: faithful ? kernels : 'cpu',
    notes: verdict.notes,
    arithmetic: tallyProbe(probe.cases, verdict.results),
    rounding,
    native: await askNative(device),
    digest: await digestOf(results),
  };
}

/** @param gpu navigator.gpu, where there is one */
export async function examine(gpu: GPU | undefined): Promise<ExaminationResult> {
  let open: OpenDevice;
  try {
    open = await openDevice(gpu, ['shader-f16']);
  } catch (error) {
    if (error instanceof WebGpuUnavailable) return { kind: 'unavailable', reason: error.said };
    throw error;
  }
  try {
    return { kind: 'examined', examination: await examineDevice(open) };
  } finally {
    open.device.destroy();
  }
}
