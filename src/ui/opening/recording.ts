/**
 * The recorded first stretch of the opening experiment: what the page draws before the engine is ready. The file is
 * written by `npm run record-opening` from a run of the CPU backend, and a test holds it to what the engine computes.
 */
import type { Digest } from '../../analysis/digest';
import type { EvaluationRecord, HistogramRecord } from '../../analysis/records';
import type { SiteSummaries, SiteSummary } from '../../analysis/window';
import type { LoadedExperiment } from '../../engine/protocol';

export interface Recording {
  readonly loaded: LoadedExperiment;
  readonly digest: Digest;
  readonly evaluations: readonly EvaluationRecord[];
  /** Counters of the last steps. */
  readonly window: SiteSummaries;
  readonly histograms: HistogramRecord;
}

/** The file: typed arrays as base64 of their little-endian bytes, histograms without their empty bins. */
export interface RecordingFile {
  readonly loaded: LoadedExperiment;
  readonly steps: number;
  readonly columns: Readonly<Record<ColumnName, string>>;
  /** JSON has no NaN: null stands for it. */
  readonly evaluations: readonly { step: number; loss: number[]; accuracy: (number | null)[] }[];
  readonly window: { readonly end: number; readonly summaries: readonly (readonly SiteSummary[])[] };
  readonly histograms: {
    readonly step: number;
    readonly sites: readonly number[];
    readonly bins: readonly (readonly [index: number, count: number])[];
  };
}

const COLUMNS = {
  loss: Float32Array,
  scale: Float32Array,
  scaleAfter: Float32Array,
  foundInf: Uint8Array,
  firstSite: Int16Array,
  firstCause: Uint8Array,
  firstLargest: Float32Array,
  weightsNotFinite: Uint8Array,
  zeroGradients: Uint32Array,
  lostGradients: Uint32Array,
  updates: Uint32Array,
  lostUpdates: Uint32Array,
  demand: Float32Array,
  nonzero: Uint32Array,
  underflow: Uint32Array,
} as const;
type ColumnName = keyof typeof COLUMNS;

function toBase64(array: ArrayBufferView): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

export function encodeRecording(recording: Recording): RecordingFile {
  const { loaded, digest, evaluations, window, histograms } = recording;
  const columns = Object.fromEntries(
    (Object.keys(COLUMNS) as ColumnName[]).map((name) => [name, toBase64(digest[name])]),
  ) as Record<ColumnName, string>;
  return {
    loaded,
    steps: digest.steps,
    columns,
    evaluations: evaluations.map(({ step, loss, accuracy }) => ({
      step,
      loss: [...loss],
      accuracy: accuracy.map((share) => (Number.isNaN(share) ? null : share)),
    })),
    window: {
      end: window.end,
      summaries: loaded.experiment.lanes.map((_, lane) =>
        loaded.sites.map(({ id, count }) => window.summary(lane, id, count)),
      ),
    },
    histograms: {
      step: histograms.step,
      sites: histograms.sites,
      bins: Array.from(histograms.counts.entries()).filter(([, count]) => count > 0),
    },
  };
}

export function decodeRecording(file: RecordingFile): Recording {
  const { loaded, steps, columns, evaluations, window, histograms } = file;
  const counts = new Uint32Array(histograms.sites.length * loaded.experiment.lanes.length * 256);
  for (const [index, count] of histograms.bins) counts[index] = count;
  const scale = new Float32Array(fromBase64(columns.scale));
  /** Per lane, the scale used in the last of so many steps. */
  const scalesOf = (after: number): number[] =>
    Array.from(
      scale.subarray((after - 1) * loaded.experiment.lanes.length, after * loaded.experiment.lanes.length),
    );
  return {
    loaded,
    digest: {
      firstStep: 0,
      steps,
      loss: new Float32Array(fromBase64(columns.loss)),
      scale,
      scaleAfter: new Float32Array(fromBase64(columns.scaleAfter)),
      foundInf: new Uint8Array(fromBase64(columns.foundInf)),
      // No scaler of the opening raises anything, or there would be no more of it to record.
      raised: new Uint8Array(steps * loaded.experiment.lanes.length),
      firstSite: new Int16Array(fromBase64(columns.firstSite)),
      firstCause: new Uint8Array(fromBase64(columns.firstCause)),
      firstLargest: new Float32Array(fromBase64(columns.firstLargest)),
      weightsNotFinite: new Uint8Array(fromBase64(columns.weightsNotFinite)),
      zeroGradients: new Uint32Array(fromBase64(columns.zeroGradients)),
      lostGradients: new Uint32Array(fromBase64(columns.lostGradients)),
      updates: new Uint32Array(fromBase64(columns.updates)),
      lostUpdates: new Uint32Array(fromBase64(columns.lostUpdates)),
      demand: new Float32Array(fromBase64(columns.demand)),
      nonzero: new Uint32Array(fromBase64(columns.nonzero)),
      underflow: new Uint32Array(fromBase64(columns.underflow)),
    },
    evaluations: evaluations.map(({ step, loss, accuracy }) => ({
      step,
      loss,
      accuracy: accuracy.map((share) => share ?? NaN),
    })),
    window: { end: window.end, summary: (lane, site) => window.summaries[lane][site] },
    histograms: { step: histograms.step, scale: scalesOf(histograms.step), sites: histograms.sites, counts },
  };
}
