/** What the page shows, as plain data. Everything that grows with a run lives elsewhere (analysis/run.ts). */
import type { BadLoss } from '../../analysis/history';
import type { EventKind, ScaleEvent } from '../../analysis/events';
import type { LaneFacts } from '../../analysis/diagnosis/diagnoser';
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import type { Distribution, FormatPart } from '../../analysis/ruler';
import { movesScale } from '../../analysis/scaling';
import type { ThinRow } from '../../analysis/thin';
import type { WeightRecord } from '../../analysis/records';
import type { UpdateSums } from '../../analysis/updates';
import type { UnderflowRow } from '../../analysis/underflow';
import type { SiteSummary } from '../../analysis/window';
import type {
  BackendChoice,
  BackendKind,
  FailureCode,
  LoadedExperiment,
  SiteInfo,
} from '../../engine/protocol';
import type { Notice } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import type { ScalerValues } from '../../training/scalers/scaler';
import type { Pending } from './pending';
import type { Message } from '../../numerics/message';

/** A row of a chart: drawn at `step`, standing for the steps [from, to). */
export interface ChartRow {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly values: ThinRow['values'];
}

export interface CountersView {
  readonly step: number;
  readonly epoch: number;
  /** Per lane. */
  readonly skipped: readonly number[];
  readonly scale: readonly number[];
}

export interface ScaleView {
  readonly steps: number;
  /** Lanes drawn, one value of `rows` each. */
  readonly lanes: readonly number[];
  readonly rows: readonly ChartRow[];
  /** The lane whose events are marked, null when no lane has a scaler. */
  readonly lane: number | null;
  readonly marks: readonly ScaleEvent[];
  readonly counts: Readonly<Record<EventKind, number>>;
  readonly skipped: number;
  readonly skippedSteps: readonly number[];
  /** What the lane's scaler remembers, by name; null before the engine has told. */
  readonly memory: ScalerValues | null;
  /** Newest events, for the table. */
  readonly recent: readonly ScaleEvent[];
}

export interface UnderflowView {
  readonly steps: number;
  readonly lane: number;
  readonly layers: readonly string[];
  /** Lanes of which only the total is shown, one value of a row's `others` each. */
  readonly others: readonly number[];
  readonly rows: readonly (Omit<UnderflowRow, 'at'> & { readonly step: number })[];
  /** By layer: share of all layers' non-zero gradients that became zero in it, over the last steps. */
  readonly recent: readonly number[];
  readonly recentTotal: number;
}

export interface LossView {
  readonly steps: number;
  readonly rows: readonly ChartRow[];
  readonly accuracyRows: readonly ChartRow[];
  /** Per lane, newest. Accuracy and loss on the held-out rows are NaN before the first measurement. */
  readonly loss: readonly number[];
  readonly heldOutLoss: readonly number[];
  readonly accuracy: readonly number[];
  readonly badLoss: readonly BadLoss[];
}

export interface LayerRow {
  readonly site: SiteInfo;
  readonly format: string;
  readonly summary: SiteSummary;
  readonly distribution: Distribution | null;
}

export interface LayersView {
  readonly lane: number;
  /** The steps [from, to) that the table looks back over. */
  readonly from: number;
  readonly to: number;
  readonly rows: readonly LayerRow[];
}

/** What became of the updates of a weight tensor, over the last steps. */
export interface UpdateRow {
  /** Name of the tensor: `fc1.weight`. */
  readonly tensor: string;
  /** Format that the lane stores it in. */
  readonly format: string;
  /** Weights in it. */
  readonly count: number;
  readonly sums: UpdateSums;
}

export interface UpdatesView {
  readonly steps: number;
  readonly lane: number;
  /** Share of the updates that moved nothing, in per cent; one value per lane. */
  readonly rows: readonly ChartRow[];
  /** Of the selected lane, and of all its tensors together. */
  readonly tensors: readonly UpdateRow[];
  readonly total: UpdateSums;
  /** The same share of every lane, over the last steps. */
  readonly recent: readonly number[];
  /** The weight that is looked at, once it has come. */
  readonly weight: WeightRecord | null;
}

export interface RulerView {
  readonly lane: number;
  /** Completed steps before the histograms were taken: they show the gradients of the last of these. */
  readonly step: number;
  /** The loss scale that the lane used in that step. */
  readonly scale: number;
  /** The gradients as the lane stored them: scaled and rounded. */
  readonly seen: Distribution;
  /** The FP32 lane's gradients of that step, without loss scale; null when there is no such lane. */
  readonly reference: Distribution | null;
  readonly referenceLane: number | null;
  /** The same, by the format in which the lane stores them. */
  readonly parts: readonly FormatPart[];
}

export interface FactsView {
  readonly steps: number;
  readonly lanes: readonly LaneFacts[];
}

export interface Views {
  readonly counters: CountersView;
  readonly scale: ScaleView | null;
  readonly underflow: UnderflowView | null;
  readonly loss: LossView | null;
  readonly layers: LayersView | null;
  /** Null where all lanes store weights and the optimizer's memory in FP32. */
  readonly updates: UpdatesView | null;
  readonly ruler: RulerView | null;
  /** What a headline is made of; null before the first step. */
  readonly facts: FactsView | null;
  readonly diagnoses: readonly DiagnosisSpell[];
}

/** Which gradients the ruler sums: a group, or the id of one site. */
export type RulerSites = 'all' | 'parameters' | 'activations' | number;

export type Theme = 'system' | 'light' | 'dark';

/**
 * What the panels have to show. Nothing that belongs to another experiment is ever on show.
 *   `recorded`   the recorded opening, while the engine starts and computes it up to there
 *   `preparing`  nothing yet: the engine is preparing the experiment
 *   `live`       what the engine computes
 *   `resuming`   a run as it was, while the engine computes it anew up to there
 *   `stopped`    a run as it was when the engine failed
 *   `failed`     nothing: the experiment did not start
 */
export type Phase = 'recorded' | 'preparing' | 'live' | 'resuming' | 'stopped' | 'failed';

/** Why nothing runs, and what may help. */
export interface Problem {
  /** A run was lost in the middle, or did not start. */
  readonly kind: 'lost' | 'failed';
  readonly code: FailureCode;
  readonly message: Message;
  /** A backend that has not been tried and does not need what failed; null where there is none. */
  readonly instead: Exclude<BackendKind, 'webgpu'> | null;
  /** The experiment that ran before this one, where there was one. */
  readonly before: Experiment | null;
}

export interface AppState {
  /** As the controls show it: the last one asked for. */
  readonly experiment: Experiment;
  /** What the panels show; null while nothing is on show (`phase`). */
  readonly loaded: LoadedExperiment | null;
  /** Counts what has been put on show. What was hovered over, pinned or broken before is not about this. */
  readonly showing: number;
  readonly phase: Phase;
  readonly running: boolean;
  readonly stepsPerSecond: number | null;
  /** Upper limit of steps per second, null for none. */
  readonly speed: number | null;
  readonly selectedLane: number;
  /** Live changes that have not reached the records yet, by `liveId` (pending.ts). */
  readonly pending: Pending;
  readonly problem: Problem | null;
  /** The dialog about the problem has not been closed. */
  readonly problemOpen: boolean;
  readonly linkNotices: readonly Notice[];
  readonly dismissed: readonly string[];
  /** Text for the polite live region. */
  readonly announcement: string;
  readonly copied: boolean;
  /** A link to be copied by hand; null when that is not needed. */
  readonly shareUrl: string | null;
  /** Step under the pointer in one of the charts. */
  readonly hoverStep: number | null;
  readonly rulerSites: RulerSites;
  /** The weight under the glass, of the selected lane: its tensor, null for the first one, and its place in it. */
  readonly watched: { readonly parameter: string | null; readonly index: number };
  readonly logCounts: boolean;
  readonly showAccuracy: boolean;
  readonly allSites: boolean;
  readonly theme: Theme;
  /** What a person wants to compute on. */
  readonly backendChoice: BackendChoice;
  readonly shortcuts: boolean;
  readonly drawerOpen: boolean;
  readonly helpOpen: boolean;
  readonly views: Views;
}

export const EMPTY_VIEWS: Views = {
  counters: { step: 0, epoch: 0, skipped: [], scale: [] },
  scale: null,
  underflow: null,
  loss: null,
  layers: null,
  updates: null,
  ruler: null,
  facts: null,
  diagnoses: [],
};

export function initialState(experiment: Experiment): AppState {
  return {
    experiment,
    loaded: null,
    showing: 0,
    phase: 'preparing',
    running: false,
    stepsPerSecond: null,
    speed: null,
    selectedLane: preferredLane(experiment),
    pending: {},
    problem: null,
    problemOpen: false,
    linkNotices: [],
    dismissed: [],
    announcement: '',
    copied: false,
    shareUrl: null,
    hoverStep: null,
    rulerSites: 'all',
    watched: { parameter: null, index: 0 },
    logCounts: false,
    showAccuracy: false,
    allSites: false,
    theme: 'system',
    backendChoice: 'auto',
    shortcuts: true,
    drawerOpen: false,
    helpOpen: false,
    views: EMPTY_VIEWS,
  };
}

/** The lane to look at first: the first one whose scale moves by itself, else the first that is not the baseline. */
export function preferredLane({ lanes }: Experiment): number {
  const dynamic = lanes.findIndex(movesScale);
  return dynamic >= 0 ? dynamic : Math.min(1, lanes.length - 1);
}
