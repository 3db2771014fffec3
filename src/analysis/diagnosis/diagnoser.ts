/**
 * What is wrong with each lane, step by step. Diagnoses depend on the records alone: how a run is cut into frames, and
 * how often a page looks, changes nothing about them.
 *
 * Each rule has checked what it says: it looks at the FP32 twin first, so that what happens there too is not blamed on
 * a format, and at the settings, so that what a hand or another rate does is named as that. The first rule that
 * applies is the one nearest to the cause. Rules over a window enter and leave at different thresholds, and only
 * after several looks that agree.
 */
import { affectedLanes, liveValues, type LiveValues } from '../../experiment/apply';
import type { Experiment, Intervention } from '../../experiment/experiment';
import { skipsOverflows } from '../../training/scalers';
import type { Digest } from '../digest';
import type { FormattedSite } from '../records';
import { differencesBetween, isFullPrecision, twinOf, type Difference } from '../twin';
import type { Diagnosis, DiagnosisSpell } from './diagnosis';
import { behind, noGradients, otherSettings, underflow, underflowAlone } from './learning';
import {
  diverged,
  epsilonZero,
  forwardOverflow,
  lossRose,
  movedByHand,
  scaleZero,
  weightsDestroyed,
  weightsNotFinite,
} from './not-finite';
import { scaleByHand, scalerRaised, scaleTooHigh, skipping } from './skips';
import { Track, WINDOW } from './track';
import type { Finding, LaneView, Move, Rule } from './view';

/** Rules about events, which are looked at after every step. */
const EVENT_RULES: readonly Rule[] = [
  scalerRaised,
  movedByHand,
  epsilonZero,
  diverged,
  scaleZero,
  weightsDestroyed,
  forwardOverflow,
  weightsNotFinite,
  scaleByHand,
  scaleTooHigh,
  skipping,
  lossRose,
];

/** Rules over the window, which are looked at every few steps, and must agree with themselves so many times. */
const WINDOW_RULES: readonly Rule[] = [underflow, otherSettings, behind, noGradients, underflowAlone];
const LOOK_EVERY = 8;
const LOOKS_TO_ENTER = 3;
const LOOKS_TO_LEAVE = 3;

/** Steps of the mean loss before a live change. */
const BEFORE_MOVE = 16;
/** Spells that are over and still remembered, per run. */
const MAX_SPELLS = 1000;

/** A lane as it stands after the newest step. Losses and shares are means over the window. */
export interface LaneFacts {
  readonly loss: number;
  /** Its loss as a multiple of its FP32 twin's, step by step on the same batches; NaN without a twin. */
  readonly ratio: number;
  readonly skipped: number;
  /** Share of its weight gradients that are zero, and of its non-zero gradients those that casts make zero. */
  readonly zero: number;
  readonly vanished: number;
  /** Share of the updates that left their weight as it was; NaN where they are not counted. */
  readonly lost: number;
  readonly scale: number;
  readonly firstLoss: number;
}

interface LaneState {
  readonly track: Track;
  /** The numbers in force, and what differs from the twin, other than arithmetic. */
  live: LiveValues;
  differences: readonly Difference[];
  readonly moves: Map<Move['key'], Move>;
  standing: DiagnosisSpell | null;
  /** What the window rules last found, how often in a row, and how often they found nothing or something else. */
  window: { finding: Finding | null; looks: number; misses: number };
}

export class Diagnoser {
  /** With the live changes made so far. */
  experiment: Experiment;
  private readonly sites: readonly FormattedSite[];
  private readonly lanes: readonly LaneState[];
  private readonly twins: readonly (number | null)[];
  private readonly over: DiagnosisSpell[] = [];
  /** The facts when the window rules were last looked at, so that headline and diagnoses give the same numbers. */
  looked: { readonly steps: number; readonly lanes: readonly LaneFacts[] } | null = null;

  constructor(experiment: Experiment, sites: readonly FormattedSite[]) {
    this.experiment = experiment;
    this.sites = sites;
    const gradients = sites.filter(({ role }) => role === 'parameter gradient');
    const count = gradients.reduce((sum, site) => sum + site.count, 0);
    this.lanes = experiment.lanes.map((_, lane) => ({
      track: new Track(count),
      live: liveValues(experiment, lane, 0),
      differences: [],
      moves: new Map(),
      standing: null,
      window: { finding: null, looks: 0, misses: 0 },
    }));
    this.twins = experiment.lanes.map((_, lane) => twinOf(experiment, lane));
  }

  /** What holds after the newest step, in order of lanes. */
  get standing(): readonly DiagnosisSpell[] {
    return this.lanes.flatMap(({ standing }) => standing ?? []);
  }

  /** Everything that held at some time, in order of appearance. */
  get spells(): readonly DiagnosisSpell[] {
    return [...this.over, ...this.standing].toSorted((a, b) => a.from - b.from || a.lane - b.lane);
  }

  /** What a headline is made of, per lane. */
  get facts(): readonly LaneFacts[] {
    return this.lanes.map(({ track }, lane) => {
      const twin = this.twins[lane];
      return {
        loss: track.meanLoss(track.window),
        ratio: twin === null ? NaN : track.behind(this.lanes[twin].track).ratio,
        skipped: track.skippedSteps,
        zero: track.zeroShare,
        vanished: track.vanishedShare,
        lost: track.lostUpdateShare,
        scale: track.scale,
        firstLoss: track.first?.loss ?? NaN,
      };
    });
  }

  append(digest: Digest): void {
    const { lanes } = this.experiment;
    for (let index = 0; index < digest.steps; index++) {
      const row = index * lanes.length;
      this.begin(digest.firstStep + index);
      this.lanes.forEach(({ track, live }, lane) => {
        const twin = this.twins[lane];
        // What the twin's gradients are multiplied with to be those of the lane without its scale.
        const units =
          twin === null
            ? NaN
            : 2 ** (live.lossWeightExponent - this.lanes[twin].live.lossWeightExponent) /
              digest.scale[row + twin];
        track.append(digest, row + lane, skipsOverflows(lanes[lane].scaler.kind), units);
      });
      this.lanes.forEach((state, lane) => this.diagnose(state, lane));
      const steps = digest.firstStep + index + 1;
      if (steps % LOOK_EVERY === 0) this.looked = { steps, lanes: this.facts };
    }
  }

  /** Looks at what takes effect before a step: remembers what it replaces, and the loss so far. */
  private begin(step: number): void {
    const changes = this.experiment.interventions.filter((each) => each.step === step);
    const moves = changes.filter(isMove);
    if (step > 0 && changes.length === 0) return;
    if (step > 0) this.noteHands(changes);
    this.lanes.forEach((state, lane) => {
      const twin = this.twins[lane];
      const before = state.live;
      state.live = liveValues(this.experiment, lane, step);
      state.differences = twin === null ? [] : differencesBetween(this.experiment, lane, twin, step);
      for (const intervention of moves) {
        const { key, value } = intervention;
        if (step === 0 || before[key] === value) continue;
        if (!affectedLanes(this.experiment, intervention).includes(lane)) continue;
        const { track } = state;
        state.moves.set(key, {
          key,
          step,
          value,
          was: before[key],
          lossBefore: track.meanLoss(BEFORE_MOVE),
          peakBefore: track.highest(WINDOW),
          inTrouble: track.trouble !== null,
        });
      }
    });
  }

  /** Remembers where a hand sets the scale. */
  private noteHands(changes: readonly Intervention[]): void {
    for (const change of changes.filter(({ key }) => key === 'scale')) {
      for (const lane of affectedLanes(this.experiment, change))
        this.lanes[lane].track.noteHand(change.value);
    }
  }

  private diagnose(state: LaneState, lane: number): void {
    const view = this.viewOf(state, lane);
    const finding = firstOf(EVENT_RULES, view) ?? this.overWindow(state, view);
    const { steps } = state.track;
    const { standing } = state;
    if (finding?.code === standing?.diagnosis.code && finding && standing) {
      state.standing = { ...standing, diagnosis: this.diagnosisOf(finding, lane) };
      return;
    }
    if (standing) {
      this.over.push({ ...standing, to: steps });
      if (this.over.length > MAX_SPELLS) this.over.shift();
    }
    state.standing = finding && { lane, diagnosis: this.diagnosisOf(finding, lane), from: steps, to: null };
  }

  /** What the window rules have agreed on. Between two looks the newest one counts. */
  private overWindow({ track, window }: LaneState, view: LaneView): Finding | null {
    const entered = window.looks >= LOOKS_TO_ENTER;
    if (track.steps % LOOK_EVERY !== 0) return entered ? window.finding : null;
    const found = firstOf(WINDOW_RULES, view);
    if (found && found.code === window.finding?.code) {
      window.finding = found;
      window.looks++;
      window.misses = 0;
    } else if (entered && ++window.misses < LOOKS_TO_LEAVE) {
      return window.finding;
    } else {
      window.finding = found;
      window.looks = found ? 1 : 0;
      window.misses = 0;
    }
    return window.looks >= LOOKS_TO_ENTER ? window.finding : null;
  }

  private viewOf({ track, moves, standing, differences }: LaneState, lane: number): LaneView {
    const { experiment, sites } = this;
    const twin = this.twins[lane];
    return {
      lane,
      experiment,
      sites,
      track,
      config: experiment.lanes[lane],
      twin: twin === null ? null : { track: this.lanes[twin].track, differences },
      moves: [...moves.values()],
      standing: standing?.diagnosis.code ?? null,
    };
  }

  private diagnosisOf(finding: Finding, lane: number): Diagnosis {
    return { ...finding, fullPrecision: isFullPrecision(this.experiment.lanes[lane]) };
  }
}

type MoveOf = Intervention & { readonly key: Move['key'] };

const isMove = (intervention: Intervention): intervention is MoveOf =>
  intervention.key === 'lossWeightExponent' || intervention.key === 'learningRate';

function firstOf(rules: readonly Rule[], view: LaneView): Finding | null {
  for (const rule of rules) {
    const finding = rule(view);
    if (finding) return finding;
  }
  return null;
}
