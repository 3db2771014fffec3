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

/** Milliseconds between two updates of a view. */
const INTERVALS: Readonly<Record<ViewName, number>> = {
  counters: 100,
  scale: 100,
  underflow: 100,
  loss: 100,
  ruler: 100,
  layers: 250,
  diagnoses: 500,
};

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
    const age = (name: ViewName): number => time - (this.published.get(name) ?? -Infinity) - INTERVALS[name];
    const due = [...this.stale].filter((name) => age(name) >= 0).sort((a, b) => age(b) - age(a));
    // The counters are cheap and go along.
    const chart = due.find((name) => name !== 'counters');
    const now = due.filter((name) => name === 'counters' || name === chart);
    this.publish(now);
    now.forEach((name) => {
      this.stale.delete(name);
      this.published.set(name, time);
    });
    if (this.stale.size === 0) return;
    this.scheduled = true;
    this.host.schedule((later) => this.tick(later));
  }

  private publish(names: readonly ViewName[]): void {
    const source = this.host.source();
    if (!source || names.length === 0) return;
    this.host.publish(
      Object.fromEntries(names.map((name) => [name, BUILDERS[name](source)])) as Partial<Views>,
    );
  }
}
