/** Turns a run into what the panels draw. Pure; called at most ten times a second for each panel. */
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import { marksOf } from '../../analysis/events';
import { isGradient } from '../../analysis/records';
import { distributionOf, shifted } from '../../analysis/ruler';
import type { Run } from '../../analysis/run';
import { baselineLane, isFullPrecision } from '../../analysis/twin';
import { thin, type Extremes, type ThinRow } from '../../analysis/thin';
import { recentUnderflow, recentUnderflowByLayer, underflowRows } from '../../analysis/underflow';
import { WINDOW_STEPS } from '../../analysis/window';
import type { LoadedExperiment } from '../../engine/protocol';
import { liveValues } from '../../experiment/apply';
import type { LaneConfig } from '../../experiment/experiment';
import type {
  ChartRow,
  CountersView,
  LayersView,
  LossView,
  RulerSites,
  RulerView,
  ScaleView,
  UnderflowView,
} from './state';

/** Points per line: more than a chart has pixels would cost time and show nothing. */
const MAX_POINTS = 320;
/** Stretches of the scale chart that get at most one mark of each kind. */
const MARK_COLUMNS = 60;
const RECENT_EVENTS = 20;

/** What a view is made from. */
export interface ViewSource {
  readonly run: Run;
  readonly loaded: LoadedExperiment;
  readonly selectedLane: number;
  readonly rulerSites: RulerSites;
  readonly allSites: boolean;
}

function chartRows({ history }: Run, series: readonly Extremes[]): ChartRow[] {
  const row = ({ at, from, to, values }: ThinRow): ChartRow => ({
    step: at * history.stride,
    from: from * history.stride,
    to: Math.min(history.steps, to * history.stride),
    values,
  });
  return thin(series, history.buckets, MAX_POINTS, history.stride === 1).map(row);
}

export function countersView({ run, loaded }: ViewSource): CountersView {
  return {
    step: run.steps,
    epoch: Math.floor(run.steps / loaded.stepsPerEpoch),
    skipped: run.events.map(({ skipped }) => skipped),
    scale: [...run.scale],
  };
}

const hasScaler = ({ scaler }: LaneConfig): boolean => scaler.kind !== 'none';

/** The lane whose scale is told: the selected one, or else the first that has a scaler; null when none has. */
export function scaleLane(lanes: readonly LaneConfig[], selected: number): number | null {
  if (hasScaler(lanes[selected])) return selected;
  const first = lanes.findIndex(hasScaler);
  return first < 0 ? null : first;
}

export function scaleView({ run, loaded, selectedLane }: ViewSource): ScaleView {
  const configs = loaded.experiment.lanes;
  const lanes = configs.flatMap((lane, index) => (hasScaler(lane) ? [index] : []));
  const lane = scaleLane(configs, selectedLane);
  const events = lane === null ? null : run.events[lane];
  return {
    steps: run.steps,
    lanes,
    rows: chartRows(
      run,
      lanes.map((index) => run.history.lanes[index].scale),
    ),
    lane,
    marks: events ? marksOf(events.events, run.steps, MARK_COLUMNS) : [],
    counts: { ...(events?.counts ?? { backoff: 0, growth: 0, skip: 0, manual: 0 }) },
    skipped: events?.skipped ?? 0,
    recent: events?.events.slice(-RECENT_EVENTS).reverse() ?? [],
  };
}

export function underflowView({ run, loaded, selectedLane }: ViewSource): UnderflowView {
  const { history, layers } = run;
  const exact = history.stride === 1;
  const others = loaded.experiment.lanes.flatMap((lane, index) =>
    index === selectedLane || isFullPrecision(lane) ? [] : [index],
  );
  const rows = underflowRows(
    history.lanes[selectedLane],
    others.map((lane) => history.lanes[lane]),
    history.buckets,
    MAX_POINTS,
    exact,
  );
  return {
    steps: run.steps,
    lane: selectedLane,
    layers: layers.names,
    others,
    rows: rows.map(({ from, to, at, percent, others: totals }) => ({
      step: at * history.stride,
      from: from * history.stride,
      to: Math.min(history.steps, to * history.stride),
      percent,
      others: totals,
    })),
    recent: recentUnderflowByLayer(run.window, loaded.sites, selectedLane, layers.names),
    recentTotal: recentUnderflow(run.window, loaded.sites, selectedLane, () => true),
  };
}

export function lossView({ run, loaded }: ViewSource): LossView {
  const lanes = loaded.experiment.lanes.map((_, index) => index);
  const newest = run.evaluations.newest;
  return {
    steps: run.steps,
    rows: chartRows(
      run,
      run.history.lanes.map(({ loss }) => loss),
    ),
    accuracyRows: run.evaluations.thinned(MAX_POINTS).map(({ step, accuracy }) => ({
      step,
      from: step,
      to: step + 1,
      values: accuracy.map((share) => (Number.isFinite(share) ? share * 100 : null)),
    })),
    loss: [...run.loss],
    heldOutLoss: lanes.map((lane) => newest?.loss[lane] ?? NaN),
    accuracy: lanes.map((lane) => newest?.accuracy[lane] ?? NaN),
    badLoss: run.history.lanes.map(({ badLoss }) => ({ ...badLoss })),
  };
}

export function layersView({ run, loaded, selectedLane, allSites }: ViewSource): LayersView {
  const { histograms, window } = run;
  return {
    lane: selectedLane,
    from: Math.max(0, window.end - WINDOW_STEPS),
    to: window.end,
    rows: loaded.sites
      .filter((site) => allSites || isGradient(site))
      .map((site) => ({
        site,
        format: site.formats[selectedLane],
        summary: window.summary(selectedLane, site.id, site.count),
        distribution: histograms?.sites.includes(site.id)
          ? distributionOf(histograms, selectedLane, (id) => id === site.id)
          : null,
      })),
  };
}

export function rulerView(source: ViewSource): RulerView | null {
  const { run, loaded, selectedLane: lane, rulerSites } = source;
  const { histograms } = run;
  if (!histograms) return null;
  const wanted = (id: number): boolean => {
    const site = loaded.sites[id];
    if (rulerSites === 'all') return true;
    if (rulerSites === 'parameters') return site.role === 'parameter gradient';
    return rulerSites === 'activations' ? site.role === 'activation gradient' : id === rulerSites;
  };
  const referenceLane = baselineLane(loaded.experiment);
  return {
    lane,
    step: histograms.step,
    reference:
      referenceLane === null
        ? null
        : shifted(distributionOf(histograms, referenceLane, wanted), unscaling(source, referenceLane)),
    referenceLane,
    seen: distributionOf(histograms, lane, wanted),
  };
}

/** Binades that take the baseline's gradients to what the selected lane's would be without its loss scale. */
function unscaling({ run, loaded, selectedLane }: ViewSource, reference: number): number {
  const exponent = (lane: number): number =>
    liveValues(loaded.experiment, lane, run.steps).lossWeightExponent;
  const scale = Number.isFinite(run.scale[reference]) ? run.scale[reference] : 1;
  return exponent(selectedLane) - exponent(reference) - Math.round(Math.log2(scale));
}

export const diagnosesView = ({ run }: ViewSource): readonly DiagnosisSpell[] => run.diagnoser.standing;
