/** What the analysis reads: a structural subset of what the engine sends and of what a graph knows about its sites. */
import { isGradientRole, type Site } from '../graph/tensor';

export type SiteRecord = Pick<Site, 'id' | 'name' | 'layer' | 'role' | 'count'>;

/** A site together with what the lanes write there. */
export interface FormattedSite extends SiteRecord {
  /** Name of the number format, per lane. */
  readonly formats: readonly string[];
}

/** Columns over `steps` consecutive steps, [step][lane]. */
export interface StepColumns {
  readonly firstStep: number;
  readonly steps: number;
  readonly loss: Float32Array;
  /** Scale used in the step, and the one after it. */
  readonly scale: Float32Array;
  readonly scaleAfter: Float32Array;
  readonly foundInf: Uint8Array;
}

/** A lane that has stopped because its scaler raised an error. */
export interface RaiseRecord {
  readonly lane: number;
  /** The first of these steps by whose end it had raised. */
  readonly step: number;
  /** Number of the error, counted from 1 in the scaler's description. */
  readonly error: number;
}

export interface CountedSteps extends StepColumns {
  /** Lanes that have stopped; absent where none has. */
  readonly raised?: readonly RaiseRecord[];
  /** [step][lane][site][8], graph/records.ts COUNTER. */
  readonly counters: Uint32Array;
}

export interface HistogramRecord {
  /** Completed training steps before it. */
  readonly step: number;
  /** Per lane, the loss scale that these gradients carry: the one used in the last of these steps. */
  readonly scale: readonly number[];
  /** Site ids, in the order of `counts`. */
  readonly sites: readonly number[];
  /** [site][lane][256] by f32 exponent field; bin 0 zeros, bin 255 infinities and NaN. As stored: rounded, scaled. */
  readonly counts: Uint32Array;
}

/** A weight that is looked at, in the last executed optimizer step. */
export interface WeightRecord {
  /** Completed training steps. */
  readonly step: number;
  readonly lane: number;
  /** The tensor (`fc1.weight`) and the place in it. */
  readonly parameter: string;
  readonly index: number;
  /** As it was, what was to be subtracted, and as it is. */
  readonly before: number;
  readonly update: number;
  readonly after: number;
}

/** Measurement on the held-out rows. */
export interface EvaluationRecord {
  /** Completed training steps before it. */
  readonly step: number;
  /** Per lane. */
  readonly loss: readonly number[];
  /** Share of held-out rows classified correctly, per lane; NaN where the task has no such share. */
  readonly accuracy: readonly number[];
}

/** Where parameters are cast, before the forward pass. */
export const isParameter = ({ role }: SiteRecord): boolean => role === 'weight' || role === 'bias';

/**
 * Where it is counted what became of updates, and not what rounding does to values: its counters are those of
 * UPDATE_COUNTER in graph/records.ts.
 */
export const isUpdate = ({ role }: SiteRecord): boolean => role === 'update';

export const isGradient = ({ role }: SiteRecord): boolean => isGradientRole(role);
