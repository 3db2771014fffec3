/** The run on show: takes in frames, the recorded opening and catching up, and publishes the panels' views. */
import type { ScaleEvent } from '../../analysis/events';
import { Run } from '../../analysis/run';
import type { Frame, LoadedExperiment } from '../../engine/protocol';
import type { Recording } from '../opening/recording';
import { replay } from '../opening/replay';
import { Publisher } from './publisher';
import { EMPTY_VIEWS } from './state';
import type { AppStore } from './store';

export type Schedule = (callback: (time: number) => void) => void;

/** A run that has been left for another one, with all that was known of it. */
export interface KeptRun {
  readonly run: Run;
  readonly loaded: LoadedExperiment;
}

/** No frame and no status of the engine has this number. */
const NO_RUN = -1;

export class Stage {
  private readonly store: AppStore;
  private readonly schedule: Schedule;
  private readonly publisher: Publisher;
  private run: Run | null = null;
  /** The engine's number of the run on show; frames of others are out of date. */
  private runId = NO_RUN;
  private stopReplay: (() => void) | null = null;
  /** The engine is computing steps that are on show already, up to this one. */
  private catchingUpTo: number | null = null;
  private waiting: (() => void)[] = [];

  constructor(store: AppStore, schedule: Schedule) {
    this.store = store;
    this.schedule = schedule;
    this.publisher = new Publisher({
      source: () => {
        const { loaded, selectedLane, rulerSites, allSites } = store.getState();
        return this.run && loaded && { run: this.run, loaded, selectedLane, rulerSites, allSites };
      },
      publish: (views) => {
        store.setState((state) => ({ views: { ...state.views, ...views } }));
      },
      schedule,
    });
  }

  /** Completed steps on show. */
  get steps(): number {
    return this.run?.steps ?? 0;
  }

  /** Whether what belongs to a run of this number is about the one on show. */
  shows(run: number): boolean {
    return run === this.runId;
  }

  /** Takes everything off: what comes next has nothing to show yet. */
  clear(): void {
    this.put(null, null);
    this.runId = NO_RUN;
  }

  /** Shows an experiment at step 0. */
  show(loaded: LoadedExperiment): void {
    this.runId = loaded.run;
    this.put(new Run(loaded.sites, loaded.experiment), loaded);
  }

  /** What is on show, so that it can be put back. */
  keep(): KeptRun | null {
    const { loaded } = this.store.getState();
    return this.run && loaded && { run: this.run, loaded };
  }

  /** Shows a run as it was left; the engine knows nothing of it yet. */
  putBack({ run, loaded }: KeptRun): void {
    this.runId = NO_RUN;
    this.put(run, loaded);
  }

  private put(run: Run | null, loaded: LoadedExperiment | null): void {
    this.endReplay();
    this.run = run;
    this.store.setState(({ showing }) => ({
      loaded,
      showing: showing + 1,
      views: EMPTY_VIEWS,
      pending: {},
      rulerSites: 'all',
      hoverStep: null,
    }));
    this.publisher.flush();
  }

  play(recording: Recording): void {
    this.show(recording.loaded);
    if (this.run) this.stopReplay = replay(recording, this.run, () => this.publisher.touch(), this.schedule);
  }

  endReplay(): void {
    this.stopReplay?.();
    this.stopReplay = null;
  }

  /** Keeps what is on show for an engine that computes it again; `settled` resolves when it has. */
  resume(loaded: LoadedExperiment): void {
    this.endReplay();
    this.runId = loaded.run;
    this.catchingUpTo = this.steps > 0 ? this.steps : null;
    this.store.setState({ loaded });
  }

  /** Resolves when the engine is where the page shows it. */
  settled(): Promise<void> {
    return this.catchingUpTo === null
      ? Promise.resolve()
      : new Promise((resolve) => this.waiting.push(resolve));
  }

  endCatchUp(): void {
    this.catchingUpTo = null;
    this.waiting.splice(0).forEach((resolve) => resolve());
  }

  /** @returns the new events per lane, or null for a frame of another run */
  accept(frame: Frame): ScaleEvent[][] | null {
    const events = this.shows(frame.run) ? this.append(frame) : null;
    if (!events) return null;
    if (this.catchingUpTo !== null && frame.firstStep + frame.steps >= this.catchingUpTo) this.endCatchUp();
    this.publisher.touch();
    return events;
  }

  private append(frame: Frame): ScaleEvent[][] | null {
    const { loaded } = this.store.getState();
    if (!this.run || !loaded) return null;
    // Live changes were answered before the first step that they are in force for.
    this.run.experiment = loaded.experiment;
    return this.run.append(frame);
  }

  /** Publishes everything now, because another thing is looked at. */
  refresh(): void {
    this.publisher.flush();
  }
}
