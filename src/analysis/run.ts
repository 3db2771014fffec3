/** Everything the page remembers of a run, fed by frames, in bounded memory. */
import type { Experiment } from '../experiment/experiment';
import { SCALER_STATE_WORDS } from '../graph/layout/tables';
import { scalerOf, skipsOverflows } from '../training/scalers';
import type { LossScaler, ScalerValues } from '../training/scalers/scaler';
import { unpackWords } from '../training/scalers/words';
import { Diagnoser } from './diagnosis/diagnoser';
import {
  createDigester,
  digestedLanes,
  sliceDigest,
  layerIndex,
  type Digest,
  type LayerIndex,
} from './digest';
import { Evaluations } from './evaluations';
import { LaneEvents, type ScaleEvent } from './events';
import { History } from './history';
import type { CountedSteps, EvaluationRecord, FormattedSite, HistogramRecord, WeightRecord } from './records';
import { UpdateHistory } from './updates';
import { SiteWindow, type SiteSummaries } from './window';

export interface RunFrame extends CountedSteps {
  /** [lane][SCALER_STATE_WORDS]: what scalers remember after the newest step; empty in a frame without steps. */
  readonly scalerState: Uint32Array;
  readonly evaluations: readonly EvaluationRecord[];
  readonly histograms: HistogramRecord | null;
  readonly weight: WeightRecord | null;
}

export class Run {
  readonly sites: readonly FormattedSite[];
  readonly layers: LayerIndex;
  readonly history: History;
  readonly events: readonly LaneEvents[];
  readonly diagnoser: Diagnoser;
  readonly evaluations = new Evaluations();
  /** Counters of the last steps. */
  window: SiteSummaries;
  histograms: HistogramRecord | null = null;
  /** [lane][SCALER_STATE_WORDS], after the newest step; empty before the first frame. */
  private scalerState = new Uint32Array();
  private readonly scalers: readonly LossScaler[];
  /** What became of updates; without sites where all lanes store in FP32. */
  readonly updates: UpdateHistory;
  /** The weight that is looked at, as it came last. */
  weight: WeightRecord | null = null;
  /** Per lane, after the newest step: its loss, and the scale in force. */
  readonly loss: number[];
  readonly scale: number[];
  private readonly lanes: number;
  private readonly checks: readonly boolean[];
  private readonly liveWindow: SiteWindow;
  private readonly digest: (frame: CountedSteps) => Digest;

  /** @param sites with the formats of the experiment's lanes */
  constructor(sites: readonly FormattedSite[], experiment: Experiment) {
    const { lanes } = experiment;
    this.sites = sites;
    this.checks = lanes.map(({ scaler }) => skipsOverflows(scaler.kind));
    this.lanes = lanes.length;
    this.scalers = lanes.map(({ scaler }) => scalerOf(scaler.kind));
    this.layers = layerIndex(sites);
    this.diagnoser = new Diagnoser(experiment, sites);
    this.history = new History(this.lanes, this.layers.names.length);
    this.events = lanes.map(() => new LaneEvents());
    this.updates = new UpdateHistory(sites, this.lanes);
    this.liveWindow = new SiteWindow(this.lanes, sites.length);
    this.window = this.liveWindow;
    this.digest = createDigester(sites, digestedLanes(experiment));
    this.loss = lanes.map(() => NaN);
    this.scale = lanes.map(() => NaN);
  }

  /** Completed steps. */
  get steps(): number {
    return this.history.steps;
  }

  /** What a lane's scaler remembers, as its description names it; null before the engine has told. */
  scalerMemory(lane: number): ScalerValues | null {
    if (this.scalerState.length === 0) return null;
    const from = lane * SCALER_STATE_WORDS;
    return unpackWords(this.scalers[lane].state, this.scalerState.subarray(from, from + SCALER_STATE_WORDS));
  }

  /** Tells of live changes; must come before the steps they are in force for. */
  set experiment(experiment: Experiment) {
    this.diagnoser.experiment = experiment;
  }

  /**
   * Takes in a frame. Steps that are known already (an engine catching up with a recording) are not counted twice;
   * a frame that does not connect belongs to a run that is gone, and is ignored.
   *
   * @returns the new events per lane, or null for a frame that was ignored
   */
  append(frame: RunFrame): ScaleEvent[][] | null {
    if (frame.firstStep > this.steps) return null;
    this.liveWindow.append(frame);
    this.updates.append(frame, this.updates.steps);
    this.weight = frame.weight ?? this.weight;
    frame.evaluations.forEach((record) => this.evaluations.append(record));
    const end = frame.firstStep + frame.steps;
    if (frame.scalerState.length > 0) this.scalerState = new Uint32Array(frame.scalerState);
    if (end < this.steps) return this.events.map(() => []);
    this.window = this.liveWindow;
    this.histograms = frame.histograms ?? this.histograms;
    const fresh = sliceDigest(this.digest(frame), this.steps, end, this.lanes);
    return fresh ? this.appendDigest(fresh) : this.events.map(() => []);
  }

  /** Takes in steps of which no more than the digest is known. */
  appendDigest(digest: Digest): ScaleEvent[][] {
    const added = this.events.map((events, lane) =>
      events.append(digest, lane, this.lanes, this.checks[lane]),
    );
    this.history.append(digest);
    this.diagnoser.append(digest);
    const last = (digest.steps - 1) * this.lanes;
    for (let lane = 0; lane < this.lanes; lane++) {
      this.loss[lane] = digest.loss[last + lane];
      this.scale[lane] = digest.scaleAfter[last + lane];
    }
    return added;
  }
}
