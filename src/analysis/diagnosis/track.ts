/** What the diagnoses know of a lane: its last steps, and the few facts about its past that outlive them. */
import { CAUSES, type Cause, type Digest } from '../digest';

/** Steps that counts of skips look back over, and other statistics at first. */
export const WINDOW = 64;
/** The window of the others grows with the run, as what is worth saying about it gets slower. */
const WINDOW_SHARE = 1 / 16;
const LONGEST_WINDOW = 1024;
/** Two windows are kept, so that one can be compared with the one before it. */
const KEPT = 2 * LONGEST_WINDOW;
/** Steps that "now" means where a loss is compared with what it was. */
const RECENT = 4;
/** Steps of a moving mean whose smallest value is remembered. */
const LOW_SPAN = 8;

/** A loss as it was, and when. */
export interface LossAt {
  readonly step: number;
  readonly loss: number;
}

/** A stretch of steps, up to the newest, in each of which something was not finite. */
export interface Broken {
  readonly from: number;
  /** Steps in it. */
  count: number;
  /** What its first step shows: the first site with something not finite, and the largest finite magnitude there. */
  readonly site: number | null;
  readonly cause: Cause | null;
  readonly largest: number;
  /** The weights were not finite to begin with. */
  readonly weights: boolean;
  /** Parameter gradients that were exactly zero in the step before it, and the loss until then. */
  readonly zerosBefore: number;
  readonly lossBefore: number;
}

/** A stretch of skipped steps, up to the newest. */
export interface Skips {
  readonly from: number;
  count: number;
  /** Scale used in its first step, and the one that the step before had left. */
  readonly scale: number;
  readonly before: number;
}

/** The newest skipped step. */
export interface Skip {
  readonly step: number;
  readonly site: number | null;
  readonly cause: Cause | null;
  readonly largest: number;
  readonly scale: number;
}

export class Track {
  /** Completed steps. */
  steps = 0;
  /** Steps that were skipped. */
  skippedSteps = 0;
  /** Scale after the newest step. */
  scale = NaN;
  /** First step whose weights were not finite; they stay so. */
  weightsNotFinite: number | null = null;
  /** First step that used the scale 0. */
  scaleZero: number | null = null;
  broken: Broken | null = null;
  skips: Skips | null = null;
  lastSkip: Skip | null = null;
  first: LossAt | null = null;
  /** The newest finite loss. */
  newestLoss = NaN;
  /** The lowest moving mean of the loss so far. */
  lowest: LossAt | null = null;
  /** Rings over the last steps. The logarithms of losses are NaN where the loss was not finite. */
  private readonly logLosses = new Float64Array(KEPT).fill(NaN);
  private readonly skipped = new Uint8Array(KEPT);
  private skippedCount = 0;
  private readonly zeros = new Float64Array(KEPT);
  private readonly lost = new Float64Array(KEPT);
  private readonly vanished = new Float64Array(KEPT);
  /** Of the twin's gradients at scale 1 and this lane's λ (Digest.demand). */
  private readonly demands = new Float64Array(KEPT);
  private readonly parameterGradients: number;

  /** @param parameterGradients values of all parameter gradients in a step */
  constructor(parameterGradients: number) {
    this.parameterGradients = parameterGradients;
  }

  /**
   * Takes in the next step.
   *
   * @param row where its columns stand in the digest
   * @param checks whether the lane skips steps with gradients that are not finite
   * @param units what the twin's gradients are multiplied with to be those of this lane without its scale
   */
  append(digest: Digest, row: number, checks: boolean, units: number): void {
    const step = this.steps;
    const at = step % KEPT;
    const loss = digest.loss[row];
    const scale = digest.scale[row];
    const skips = checks && digest.foundInf[row] === 1;
    const site = digest.firstSite[row] < 0 ? null : digest.firstSite[row];
    const cause = site === null ? null : CAUSES[digest.firstCause[row]];
    const largest = digest.firstLargest[row];
    const weights = digest.weightsNotFinite[row] === 1;
    if (weights) this.weightsNotFinite ??= step;
    if (scale === 0) this.scaleZero ??= step;
    if (site === null && Number.isFinite(loss)) this.broken = null;
    else if (this.broken) this.broken.count++;
    else {
      const zerosBefore = step === 0 ? 0 : this.zeros[(step - 1) % KEPT];
      const lossBefore = this.meanLoss(RECENT);
      this.broken = { from: step, count: 1, site, cause, largest, weights, zerosBefore, lossBefore };
    }
    if (!skips) this.skips = null;
    else if (this.skips) this.skips.count++;
    else this.skips = { from: step, count: 1, scale, before: this.scale };
    if (skips) {
      this.skippedSteps++;
      this.lastSkip = { step, site, cause, largest, scale };
    }
    this.logLosses[at] = Number.isFinite(loss) ? Math.log(Math.max(loss, TINY)) : NaN;
    this.skippedCount += Number(skips) - (step >= WINDOW ? this.skipped[(step - WINDOW) % KEPT] : 0);
    this.skipped[at] = Number(skips);
    this.zeros[at] = digest.zeroGradients[row] + digest.lostGradients[row];
    this.lost[at] = digest.lostGradients[row];
    this.demands[at] = digest.demand[row] * units;
    this.vanished[at] = vanishedShare(digest, row);
    this.scale = digest.scaleAfter[row];
    this.steps++;
    if (!Number.isFinite(loss)) return;
    this.first ??= { step, loss };
    this.newestLoss = loss;
    const mean = this.meanLoss(LOW_SPAN);
    if (this.lowest === null || mean < this.lowest.loss) this.lowest = { step, loss: mean };
  }

  /** Geometric mean of the finite losses among the last `span` steps but `back`; NaN when there is none. */
  meanLoss(span: number, back = 0): number {
    return Math.exp(this.mean(this.logLosses, span, back));
  }

  /** The loss as it is now, or as it was before it stopped being finite. */
  get lossNow(): number {
    return this.broken ? this.broken.lossBefore : this.meanLoss(RECENT);
  }

  /** Steps that statistics look back over: enough that a few batches do not matter. */
  get window(): number {
    return Math.min(LONGEST_WINDOW, Math.max(WINDOW, Math.floor(this.steps * WINDOW_SHARE)));
  }

  /** By how many times the lane's loss is that of a twin that reads the same batches, step by step over the window. */
  behind(twin: Track): { readonly ratio: number; readonly share: number } {
    let sum = 0;
    let higher = 0;
    let count = 0;
    for (let step = Math.max(0, this.steps - this.window); step < this.steps; step++) {
      const difference = this.logLosses[step % KEPT] - twin.logLosses[step % KEPT];
      if (Number.isNaN(difference)) continue;
      sum += difference;
      higher += Number(difference > 0);
      count++;
    }
    return { ratio: Math.exp(sum / count), share: higher / count };
  }

  /** Of the last steps, so many at most, those that were skipped. */
  get lastSteps(): number {
    return Math.min(this.steps, WINDOW);
  }

  get skippedOfLast(): number {
    return this.skippedCount;
  }

  /** Shares over the window of all parameter gradients: zero for whatever reason, and made zero by rounding. */
  get zeroShare(): number {
    return this.mean(this.zeros, this.window) / this.parameterGradients;
  }

  get lostShare(): number {
    return this.mean(this.lost, this.window) / this.parameterGradients;
  }

  /** Share, over the window, of all non-zero gradients of whatever site that rounding made zero. */
  get vanishedShare(): number {
    return this.mean(this.vanished, this.window);
  }

  /**
   * The largest power of two, as an exponent, by which the gradients of the lane's twin could be scaled without
   * leaving the lane's formats, over the window; null when that is not known.
   */
  get room(): number | null {
    let most = 0;
    for (let step = Math.max(0, this.steps - this.window); step < this.steps; step++) {
      most = Math.max(most, this.demands[step % KEPT]);
    }
    return most > 0 && Number.isFinite(most) ? Math.floor(-Math.log2(most)) : null;
  }

  /** Of a ring, over the last `span` steps except the newest `back` ones, passing over NaN. */
  private mean(ring: Float64Array, span: number, back = 0): number {
    const end = this.steps - back;
    let sum = 0;
    let count = 0;
    for (let step = Math.max(0, end - span, this.steps - KEPT); step < end; step++) {
      const value = ring[step % KEPT];
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  }
}

/** Losses below this are not told apart. */
const TINY = 1e-30;

function vanishedShare(digest: Digest, row: number): number {
  const layers = digest.nonzero.length / digest.loss.length;
  let nonzero = 0;
  let underflow = 0;
  for (let cell = row * layers; cell < (row + 1) * layers; cell++) {
    nonzero += digest.nonzero[cell];
    underflow += digest.underflow[cell];
  }
  return nonzero > 0 ? underflow / nonzero : 0;
}
