/**
 * Publishes views at a bounded rate, in groups: the views of a group come together, from one state of the run, and at
 * most one group per animation frame, so that no frame has to draw the whole page.
 */
import type { Views } from './state';
import {
  countersView,
  diagnosesView,
  factsView,
  layersView,
  updatesView,
  lossView,
  rulerView,
  scaleView,
  underflowView,
  type ViewSource,
} from './views';

type ViewName = keyof Views;

const BUILDERS: { readonly [Name in ViewName]: (source: ViewSource) => Views[Name] } = {
  counters: countersView,
  scale: scaleView,
  underflow: underflowView,
  loss: lossView,
  layers: layersView,
  updates: updatesView,
  ruler: rulerView,
  facts: factsView,
  diagnoses: diagnosesView,
};
interface Group {
  readonly names: readonly ViewName[];
  /** Least milliseconds between two updates. */
  readonly interval: number;
}

const GROUPS: readonly Group[] = [
  // The charts over steps share a crosshair, so they have to stand at the same step, and the counters at it too.
  { names: ['counters', 'scale', 'underflow', 'loss'], interval: 100 },
  { names: ['ruler'], interval: 100 },
  { names: ['layers'], interval: 250 },
  { names: ['updates'], interval: 100 },
  { names: ['diagnoses', 'facts'], interval: 500 },
];

/** Frames that take longer than this show that drawing is too much for the machine; views then come less often. */
const SMOOTH_FRAME = 22;
const LARGEST_SLOWDOWN = 6;
const NEWEST = 0.2;

export interface PublisherHost {
  /** What to publish, null when there is nothing. */
  source(): ViewSource | null;
  publish(views: Partial<Views>): void;
  /** requestAnimationFrame; time in milliseconds. */
  schedule(callback: (time: number) => void): void;
}

export class Publisher {
  private readonly host: PublisherHost;
  private readonly stale = new Set<Group>();
  private readonly published = new Map<Group, number>();
  private scheduled = false;
  private lastTick: number | null = null;
  /** Factor on all intervals. */
  private slowdown = 1;

  constructor(host: PublisherHost) {
    this.host = host;
  }

  /** The run has changed. */
  touch(): void {
    GROUPS.forEach((group) => this.stale.add(group));
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.schedule((time) => this.tick(time));
  }

  /** Publishes everything now. */
  flush(): void {
    this.stale.clear();
    this.publish(GROUPS.flatMap(({ names }) => names));
  }

  private tick(time: number): void {
    this.scheduled = false;
    this.watch(time);
    const overdue = (group: Group): number =>
      time - (this.published.get(group) ?? -Infinity) - group.interval * this.slowdown;
    const [next] = [...this.stale]
      .filter((group) => overdue(group) >= 0)
      .toSorted((one, other) => overdue(other) - overdue(one));
    if (next) {
      this.publish(next.names);
      this.stale.delete(next);
      this.published.set(next, time);
    }
    if (this.stale.size === 0) {
      this.lastTick = null;
      return;
    }
    this.scheduled = true;
    this.host.schedule((later) => this.tick(later));
  }

  /** Follows how long frames take while there is something to draw. */
  private watch(time: number): void {
    if (this.lastTick !== null) {
      const wanted = Math.min(LARGEST_SLOWDOWN, Math.max(1, (time - this.lastTick) / SMOOTH_FRAME));
      this.slowdown += NEWEST * (wanted - this.slowdown);
    }
    this.lastTick = time;
  }

  private publish(names: readonly ViewName[]): void {
    const source = this.host.source();
    if (!source) return;
    this.host.publish(
      Object.fromEntries(names.map((name) => [name, BUILDERS[name](source)])) as Partial<Views>,
    );
  }
}
