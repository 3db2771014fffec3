/** Turns a run into what the panels draw. Pure; called at most ten times a second for each panel. */
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import { marksOf } from '../../analysis/events';
import { isGradient, isUpdate, type HistogramRecord } from '../../analysis/records';
import { distributionOf, shifted, type Distribution } from '../../analysis/ruler';
import type { Run } from '../../analysis/run';
import { baselineLane, isFullPrecision } from '../../analysis/twin';
import { thin, type Extremes, type ThinRow } from '../../analysis/thin';
import { recentUnderflow, recentUnderflowByLayer, underflowRows } from '../../analysis/underflow';
import { lostShare } from '../../analysis/updates';
import { WINDOW_STEPS } from '../../analysis/window';
import type { LoadedExperiment, SiteInfo } from '../../engine/protocol';
import { liveValues } from '../../experiment/apply';
import type { LaneConfig } from '../../experiment/experiment';
import { parseFormat } from '../../numerics/formats';
import type {
  ChartRow,
  CountersView,
  FactsView,
  LayersView,
  LossView,
  RulerSites,
  RulerView,
  ScaleView,
  UnderflowView,
  UpdatesView,
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
    counts: { ...(events?.counts ?? { backoff: 0, growth: 0, skip: 0, manual: 0, stop: 0 }) },
    skipped: events?.skipped ?? 0,
    skippedSteps: events?.skippedSteps ?? [],
    memory: lane === null ? null : run.scalerMemory(lane),
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
      .filter((site) => (allSites && !isUpdate(site)) || isGradient(site))
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

export function updatesView({ run, loaded, selectedLane }: ViewSource): UpdatesView | null {
  const { updates } = run;
  if (updates.sites.length === 0) return null;
  const row = ({ at, from, to, values }: ThinRow): ChartRow => ({
    step: at * updates.stride,
    from: from * updates.stride,
    to: Math.min(updates.steps, to * updates.stride),
    values: values.map((share) => (share === null ? null : share * 100)),
  });
  const parameters = new Map(loaded.sites.map((site) => [site.name, site]));
  return {
    steps: updates.steps,
    lane: selectedLane,
    rows: thin(updates.lost, updates.buckets, MAX_POINTS, updates.stride === 1).map(row),
    tensors: updates.sites.map(({ name, count }, index) => {
      const tensor = name.replace(/\.update$/, '');
      const stored = parameters.get(`${tensor}.master`);
      return {
        tensor,
        format: stored?.formats[selectedLane] ?? 'fp32',
        count,
        sums: updates.recent(selectedLane, index),
      };
    }),
    total: updates.recentOfAll(selectedLane),
    recent: updates.lost.map((_, lane) => lostShare(updates.recentOfAll(lane))),
    weight: run.weight,
  };
}

export function rulerView(source: ViewSource): RulerView | null {
  const { run, loaded, selectedLane: lane, rulerSites } = source;
  const { histograms } = run;
  if (!histograms) return null;
  const wanted = wantedSites(loaded.sites, rulerSites);
  const referenceLane = baselineLane(loaded.experiment);
  const unscaled = (of: (site: number) => boolean): Distribution | null =>
    referenceLane === null
      ? null
      : shifted(distributionOf(histograms, referenceLane, of), unscaling(source, histograms, referenceLane));
  const formats = new Set(histograms.sites.filter(wanted).map((id) => loaded.sites[id].formats[lane]));
  return {
    lane,
    step: histograms.step,
    scale: histograms.scale[lane],
    seen: distributionOf(histograms, lane, wanted),
    reference: unscaled(wanted),
    referenceLane,
    parts: [...formats].flatMap((format) => {
      const distribution = unscaled((id) => wanted(id) && loaded.sites[id].formats[lane] === format);
      return distribution ? [{ format: parseFormat(format), distribution }] : [];
    }),
  };
}

/** Whether the ruler sums a site. */
export function wantedSites(sites: readonly SiteInfo[], which: RulerSites): (id: number) => boolean {
  if (which === 'all') return () => true;
  if (typeof which === 'number') return (id) => id === which;
  const role = which === 'parameters' ? 'parameter gradient' : 'activation gradient';
  return (id) => sites[id].role === role;
}

/**
 * Binades that take the baseline's gradients to what the selected lane's would be without its loss scale, in the step
 * that the histograms show. (A baseline's own scale that is no power of two leaves an error of half a binade at most.)
 */
function unscaling(
  { loaded, selectedLane }: ViewSource,
  { step, scale }: HistogramRecord,
  reference: number,
): number {
  const lambda = (lane: number): number => liveValues(loaded.experiment, lane, step - 1).lossWeightExponent;
  return lambda(selectedLane) - lambda(reference) - Math.round(Math.log2(scale[reference]));
}

export const factsView = ({ run }: ViewSource): FactsView | null => run.diagnoser.looked;

export const diagnosesView = ({ run }: ViewSource): readonly DiagnosisSpell[] => run.diagnoser.standing;
