/** Diagnoses as data: a code, and the numbers and steps it rests on. i18n/ puts them into words. */
import type { RaiseCode, ScalerKind } from '../../training/scalers';
import type { Difference } from '../twin';

/** A site at which finite values went beyond what its format holds: the largest of them, and the format's largest. */
export interface Overflow {
  readonly site: string;
  readonly largest: number;
  readonly limit: number;
  readonly format: string;
}

/** What a lane has in common with the FP32 lane that it is compared with: `same` means that lane goes the same way. */
export type TwinState = 'same' | 'fine' | 'none' | 'self';

/** The newest steps, [from, to), that the numbers were taken over. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The mean training losses of a lane and its twin over the same steps, and how many times one is the other. */
interface Comparison extends Span {
  readonly loss: number;
  readonly twinLoss: number;
  readonly ratio: number;
}

/** The newest change of the scale by hand: before that step, to that value. */
export interface Hand {
  readonly step: number;
  readonly set: number;
}

/** So many of the last steps were skipped. */
interface Skipping {
  readonly skipped: number;
  readonly steps: number;
  readonly scale: number;
}

/** The values of each diagnosis, by code, the nearest to a cause first. */
export interface DiagnosisValues {
  /** The lane's loss scaler raised an error in a step, as its framework does: kind of the scaler, and code of the error. */
  'scaler-raised': { step: number; kind: ScalerKind; code: RaiseCode };
  /** λ was moved; the optimizer's memory stayed in the old unit, and the loss rose. Exponents of λ. */
  'loss-weight-moved': {
    step: number;
    from: number;
    to: number;
    before: number;
    now: number;
    memory: 'momentum' | 'moments';
  };
  'rate-moved': { step: number; rate: number; before: number; now: number };
  /** Adam divides 0 by ε = 0: so many gradients were zero in the step before the weights stopped being finite. */
  'epsilon-zero': { step: number; zeros: number };
  'scale-zero': { step: number };
  /** The loss rose until it was no number any more. `notFinite` is the first step without one, null while it rises. */
  diverged: {
    lowStep: number;
    low: number;
    now: number;
    rate: number;
    notFinite: number | null;
    twin: TwinState;
    twinNow: number;
    /** From the twin, where that goes on. */
    differences: readonly Difference[];
  };
  /** A gradient overflowed with nobody looking, and the weights are not finite since. */
  'weights-destroyed': Overflow & { step: number; twin: TwinState };
  'weights-not-finite': { step: number; site: string; twin: TwinState };
  'forward-overflow': Overflow & { step: number; skipped: number; steps: number };
  /** A hand set the scale, and steps are skipped since. */
  'scale-by-hand': Skipping & { step: number; set: number };
  /** `fits` is the exponent of a scale at which that site would not have overflowed. */
  'scale-too-high': Skipping & Overflow & { fits: number };
  'scale-falling': Skipping & Overflow & { since: number; start: number; fits: number };
  skipping: Skipping & { site: string | null };
  /** The loss rose a lot, while FP32 with other or the same settings did not. */
  'loss-rose': { lowStep: number; low: number; now: number; twinNow: number };
  /**
   * Gradients that FP32 has are zero here, and the loss is higher. `room` is the exponent of the largest scale that
   * FP32's gradients leave room for; null where that is not known.
   */
  underflow: Comparison & {
    zero: number;
    twinZero: number;
    scale: number;
    room: number | null;
    hand: Hand | null;
  };
  /** The same without an FP32 lane to compare with. */
  'underflow-alone': Span & { lost: number; first: number; loss: number };
  'other-settings': Comparison & { differences: readonly Difference[] };
  'behind-skipped': Comparison & { skipped: number; steps: number };
  /** A hand set the scale before; what it did is not known. */
  'behind-after-hand': Comparison & { hand: Hand };
  /** The loss scale is out of the ordinary; what it did is not known. */
  'behind-scaled': Comparison & { scale: number };
  behind: Comparison;
  /** Nearly all gradients are zero before any rounding, and the loss does not fall. */
  'no-gradients': Span & { zero: number; loss: number; first: number; twin: TwinState };
}

export type DiagnosisCode = keyof DiagnosisValues;

export type Diagnosis = {
  [Code in DiagnosisCode]: {
    readonly code: Code;
    readonly values: Readonly<DiagnosisValues[Code]>;
    /** The lane computes in FP32 throughout. */
    readonly fullPrecision: boolean;
    /** Id of the cast site that it is about. */
    readonly site: number | null;
  };
}[DiagnosisCode];

/** A diagnosis of a lane while it holds, or held: steps are counted as completed ones. */
export interface DiagnosisSpell {
  readonly lane: number;
  readonly diagnosis: Diagnosis;
  /** Completed steps when it appeared, and when it went; null while it holds. */
  readonly from: number;
  readonly to: number | null;
}
