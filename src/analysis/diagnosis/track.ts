/** What the diagnoses know of a lane: its last steps, and the few facts about its past that outlive them. */
import { CAUSES, type Cause, type Digest } from '../digest';
import type { Hand } from './diagnosis';

/** Steps that counts of skips look back over, and other statistics at first. */
export const WINDOW = 64;
/** The window of the others grows with the run, as what is worth saying about it gets slower. */
const WINDOW_SHARE = 1 / 16;
const LONGEST_WINDOW = 1024;
/** Two windows are kept, so that one can be compared with the one before it. */
const KEPT = 2 * LONGEST_WINDOW;
/** Steps that "now" means where a loss is compared with what it was. */
const RECENT = 4;
/**
 * A loss has run away when each of the newest RECENT ones is so many times larger than any before them: among losses
 * that only scatter that hardly ever happens, however small the batches are, and the fewer there are the more it takes.
 */
const RUNS_AWAY = 2;
const RUNS_AWAY_EARLY = 50;
const EARLY = 16;
const EARLIEST = 6;
/** So has one that swings, when its mean over so many steps is so many times that of its first few. */
const SPAN = 16;
const FAR_ABOVE_START = 30;
/** It has come back when that mean is near what the loss was at most before, or nearer to its start. */
const CALM = 1.2;
const CALM_ABOVE_START = 10;
/** Steps in a row without a finite loss that are more than an unlucky batch, in a lane that skips such steps. */
const SKIPPED_LOSSES = 8;
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
  /** Parameter gradients that were exactly zero in the step before it. */
  readonly zerosBefore: number;
}

/** Steps, up to the newest, in which the loss runs away or numbers are lost. */
export interface Trouble {
  readonly since: number;
  /** The loss ran away while it was finite. */
  rose: boolean;
  /** It is over when the loss has fallen below. */
  readonly calm: number;
}

/** A stretch of skipped steps, up to the newest. */
export interface Skips {
  readonly from: number;
  count: number;
  /** Scale used in its first step. */
  readonly scale: number;
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
  /** First step that used the scale 0 while nothing else was wrong. */
  scaleZero: number | null = null;
  broken: Broken | null = null;
  /** The stretch of steps, up to the newest, whose loss was not finite. */
  badLoss: { readonly from: number; count: number } | null = null;
  trouble: Trouble | null = null;
  /** The newest moves of the scale by hand that lowered it, and that raised it. */
  lowered: Hand | null = null;
  raised: Hand | null = null;
  skips: Skips | null = null;
  /** Where the scaler raised an error, and which, counted from 1 in its description. */
  stopped: { readonly step: number; readonly number: number } | null = null;
  lastSkip: Skip | null = null;
  first: LossAt | null = null;
  /** The newest finite loss. */
  newestLoss = NaN;
  /** The lowest moving mean of the loss so far. */
  lowest: LossAt | null = null;
  /** Rings over the last steps. The logarithms of losses are NaN where the loss was not finite. */
  private readonly logLosses = new Float64Array(KEPT).fill(NaN);
  private readonly skipped = new Uint8Array(KEPT);
  /** Largest loss, but for the newest RECENT ones. */
  private peak = -Infinity;
  /** Mean of the first RECENT losses. */
  private start = NaN;
  private readonly zeros = new Float64Array(KEPT);
  private readonly lost = new Float64Array(KEPT);
  private readonly vanished = new Float64Array(KEPT);
  private readonly updates = new Float64Array(KEPT);
  private readonly lostUpdates = new Float64Array(KEPT);
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
    if (digest.raised[row] !== 0) this.stopped ??= { step, number: digest.raised[row] };
    const skips = checks && digest.foundInf[row] === 1;
    const site = digest.firstSite[row] < 0 ? null : digest.firstSite[row];
    const cause = site === null ? null : CAUSES[digest.firstCause[row]];
    const largest = digest.firstLargest[row];
    const weights = digest.weightsNotFinite[row] === 1;
    if (weights) this.weightsNotFinite ??= step;
    if (scale === 0 && site === null) this.scaleZero ??= step;
    if (site === null && Number.isFinite(loss)) this.broken = null;
    else if (this.broken) this.broken.count++;
    else {
      const zerosBefore = step === 0 ? 0 : this.zeros[(step - 1) % KEPT];
      this.broken = { from: step, count: 1, site, cause, largest, weights, zerosBefore };
    }
    if (!skips) this.skips = null;
    else if (this.skips) this.skips.count++;
    else this.skips = { from: step, count: 1, scale };
    if (skips) {
      this.skippedSteps++;
      this.lastSkip = { step, site, cause, largest, scale };
    }
    this.logLosses[at] = Number.isFinite(loss) ? Math.log(Math.max(loss, TINY)) : NaN;
    this.skipped[at] = Number(skips);
    this.zeros[at] = digest.zeroGradients[row] + digest.lostGradients[row];
    this.lost[at] = digest.lostGradients[row];
    this.demands[at] = digest.demand[row] * units;
    this.vanished[at] = vanishedShare(digest, row);
    this.updates[at] = digest.updates[row];
    this.lostUpdates[at] = digest.lostUpdates[row];
    this.scale = digest.scaleAfter[row];
    this.steps++;
    this.noteLoss(step, loss);
    this.noteTrouble(step, checks);
  }

  private noteLoss(step: number, loss: number): void {
    if (step >= RECENT) {
      const earlier = Math.exp(this.logLosses[(step - RECENT) % KEPT]);
      if (earlier > this.peak) this.peak = earlier;
    }
    if (!Number.isFinite(loss)) {
      if (this.badLoss) this.badLoss.count++;
      else this.badLoss = { from: step, count: 1 };
      return;
    }
    this.badLoss = null;
    this.first ??= { step, loss };
    this.newestLoss = loss;
    const mean = this.meanLoss(LOW_SPAN);
    if (this.lowest === null || mean < this.lowest.loss) this.lowest = { step, loss: mean };
  }

  private noteTrouble(step: number, checks: boolean): void {
    if (this.steps === RECENT) this.start = this.meanLoss(RECENT);
    const runsAway = this.runsAway();
    const swings = !this.badLoss && this.steps > SPAN && this.meanLoss(SPAN) >= FAR_ABOVE_START * this.start;
    const rises = runsAway || swings;
    const isLost = this.isLost(checks);
    if (this.trouble) {
      if (rises) this.trouble.rose = true;
      else if (!isLost && this.meanLoss(SPAN) < this.trouble.calm) this.trouble = null;
    } else if (rises || isLost) {
      const calm = runsAway ? CALM * this.peak : CALM_ABOVE_START * this.start;
      this.trouble = { since: step, rose: rises, calm };
    }
  }

  private runsAway(): boolean {
    if (this.steps < EARLIEST || this.badLoss) return false;
    let least = Infinity;
    for (let step = this.steps - RECENT; step < this.steps; step++) {
      least = Math.min(least, Math.exp(this.logLosses[step % KEPT]));
    }
    return least >= (this.steps < EARLY ? RUNS_AWAY_EARLY : RUNS_AWAY) * this.peak;
  }

  /**
   * Whether the numbers of a lane are gone, and not only in a step that its scaler skips.
   *
   * @param checks whether it has a scaler that does
   */
  isLost(checks: boolean): boolean {
    if (this.weightsNotFinite !== null) return true;
    return this.badLoss !== null && (!checks || this.badLoss.count >= SKIPPED_LOSSES);
  }

  /** A hand sets the scale before the next step. */
  noteHand(set: number): void {
    const move = { step: this.steps, set };
    if (set < this.scale) this.lowered = move;
    else if (set > this.scale) this.raised = move;
  }

  /** The newest move of the scale by hand. */
  get hand(): Hand | null {
    if (this.lowered === null || this.raised === null) return this.lowered ?? this.raised;
    return this.lowered.step > this.raised.step ? this.lowered : this.raised;
  }

  /** The largest finite loss of the last `span` steps. */
  highest(span: number): number {
    let most = -Infinity;
    for (let step = Math.max(0, this.steps - span); step < this.steps; step++) {
      const value = this.logLosses[step % KEPT];
      if (value > most) most = value;
    }
    return Math.exp(most);
  }

  /** Geometric mean of the finite losses among the last `span` steps but `back`; NaN when there is none. */
  meanLoss(span: number, back = 0): number {
    return Math.exp(this.mean(this.logLosses, span, back));
  }

  /** The mean of the newest finite losses. */
  get lossNow(): number {
    return this.meanLoss(RECENT);
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

  /** Of the last steps, so many at most and none before the scale was set by hand, those that were skipped. */
  get lastSteps(): number {
    return Math.min(this.steps - (this.hand?.step ?? 0), WINDOW);
  }

  get skippedOfLast(): number {
    let sum = 0;
    for (let step = this.steps - this.lastSteps; step < this.steps; step++) sum += this.skipped[step % KEPT];
    return sum;
  }

  /** Shares over the window of all parameter gradients: zero for whatever reason, and made zero by rounding. */
  get zeroShare(): number {
    return this.mean(this.zeros, this.window) / this.parameterGradients;
  }

  get lostShare(): number {
    return this.mean(this.lost, this.window) / this.parameterGradients;
  }

  /** Share, over the window, of the updates that left their weight as it was; NaN where they are not counted. */
  get lostUpdateShare(): number {
    return this.mean(this.lostUpdates, this.window) / this.mean(this.updates, this.window);
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
