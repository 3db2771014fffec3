/**
 * Publishes views at a bounded rate: each at most once per its interval, and at most one of them per animation
 * frame, so that no frame has to draw more than one chart.
 */
import type { Views } from './state';
import {
  countersView,
  diagnosesView,
  layersView,
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
  ruler: rulerView,
  diagnoses: diagnosesView,
};
const NAMES = Object.keys(BUILDERS) as ViewName[];

/** Least milliseconds between two updates of a view. */
const INTERVALS: Readonly<Record<ViewName, number>> = {
  counters: 100,
  scale: 100,
  underflow: 100,
  loss: 100,
  ruler: 100,
  layers: 250,
  diagnoses: 500,
};

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
  private readonly stale = new Set<ViewName>();
  private readonly published = new Map<ViewName, number>();
  private scheduled = false;
  private lastTick: number | null = null;
  /** Factor on all intervals. */
  private slowdown = 1;

  constructor(host: PublisherHost) {
    this.host = host;
  }

  /** The run has changed. */
  touch(): void {
    NAMES.forEach((name) => this.stale.add(name));
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.schedule((time) => this.tick(time));
  }

  /** Publishes everything now. */
  flush(): void {
    this.stale.clear();
    this.publish(NAMES);
  }

  private tick(time: number): void {
    this.scheduled = false;
    this.watch(time);
    const age = (name: ViewName): number =>
      time - (this.published.get(name) ?? -Infinity) - INTERVALS[name] * this.slowdown;
    const due = [...this.stale].filter((name) => age(name) >= 0).sort((a, b) => age(b) - age(a));
    // The counters are cheap and go along.
    const chart = due.find((name) => name !== 'counters');
    const now = due.filter((name) => name === 'counters' || name === chart);
    this.publish(now);
    now.forEach((name) => {
      this.stale.delete(name);
      this.published.set(name, time);
    });
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
    if (!source || names.length === 0) return;
    this.host.publish(
      Object.fromEntries(names.map((name) => [name, BUILDERS[name](source)])) as Partial<Views>,
    );
  }
}
