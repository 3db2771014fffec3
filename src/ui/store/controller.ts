/**
 * Drives the engine and keeps the store in step with it. What a person asks for is shown at once; what the run does
 * comes back in frames.
 */
import type { BackendChoice, EngineStatus, Frame } from '../../engine/protocol';
import { recordIntervention } from '../../experiment/apply';
import type { Experiment, Intervention, LiveKey } from '../../experiment/experiment';
import { Announcer } from './announcer';
import type { ControllerHost, LoadOptions } from './controller-host';
import { LiveChanges, type Gesture } from './live-changes';
import { liveId, settledPending, withAccepted, withoutPending, withPending } from './pending';
import { shareLink } from './share';
import { Stage } from './stage';
import { preferredLane, type AppState } from './state';
import type { AppStore } from './store';
import { withLiveValues } from './structure';
import { Turns } from './turns';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Controller {
  readonly announcer: Announcer;
  private readonly host: ControllerHost;
  private readonly store: AppStore;
  private readonly stage: Stage;
  private readonly changes: LiveChanges;
  private hidden = false;
  /** Loads, resets and recoveries. */
  private readonly turns = new Turns((error) =>
    // A status that came before it knows more: calls that were under way when the engine stopped are rejected.
    this.store.setState(({ problem }) => ({
      running: false,
      problem: problem ?? { kind: 'failed', message: reasonOf(error) },
    })),
  );

  constructor(host: ControllerHost) {
    this.host = host;
    this.store = host.store;
    this.stage = new Stage(host.store, host.schedule);
    this.announcer = new Announcer((announcement) => this.store.setState({ announcement }));
    this.changes = new LiveChanges({
      send: async ({ lane, key, value }, isMeant) => {
        await this.turns.done();
        return isMeant() ? host.engine.intervene(lane, key, value) : null;
      },
      accepted: (intervention) => this.onAccepted(intervention),
      refused: ({ lane, key }, reason) => {
        this.store.setState(({ pending }) => ({ pending: withoutPending(pending, liveId(lane, key)) }));
        this.announcer.say(reasonOf(reason), true);
      },
    });
  }

  /** Opens what the address names, and starts it. */
  async boot(): Promise<void> {
    const { engine, link, recording } = this.host;
    const { experiment, notices, isOpening } = link.open();
    this.store.setState({ linkNotices: notices, running: true });
    link.watch(() => this.openLink());
    if (isOpening) this.stage.play(recording);
    this.store.setState({ recorded: isOpening });
    await engine.subscribe({
      frame: (frame) => this.onFrame(frame),
      status: (status) => this.onStatus(status),
    });
    this.load(experiment, { start: this.store.getState().running, entry: 'none', keepRun: isOpening });
  }

  private openLink(): void {
    const { experiment, notices } = this.host.link.open();
    this.store.setState({ linkNotices: notices, dismissed: [] });
    this.load(experiment, { start: true, entry: 'none' });
  }

  load(experiment: Experiment, options: LoadOptions): void {
    const { entry, start, backend = 'auto', keepRun = false } = options;
    if (entry !== 'none') this.host.link[entry](experiment);
    const { selectedLane } = this.store.getState();
    this.beginTurn({
      experiment,
      live: false,
      recorded: keepRun,
      running: start,
      selectedLane: selectedLane < experiment.lanes.length ? selectedLane : preferredLane(experiment),
    });
    if (!keepRun) this.stage.endReplay();
    this.turns.take(async (isCurrent) => {
      const loaded = await this.host.engine.load(experiment, backend);
      if (!isCurrent()) return;
      if (keepRun) {
        this.stage.resume(loaded);
        if (this.stage.steps > 0) await this.host.engine.step(this.stage.steps);
      } else {
        this.stage.show(loaded);
      }
      await this.continueLive(isCurrent);
    });
  }

  /** Restarts with a changed structure; what was changed live becomes part of the start. */
  restructure(change: (experiment: Experiment) => Experiment): void {
    this.load(change(this.current()), { start: this.store.getState().running, entry: 'push' });
  }

  /** The experiment that would start with what is in force now. */
  current(): Experiment {
    const { experiment, views } = this.store.getState();
    return withLiveValues(experiment, views.counters.step, views.counters.scale);
  }

  start(): void {
    this.store.setState({ running: true });
    this.command(() => this.host.engine.start());
  }

  pause(): void {
    this.store.setState({ running: false, stepsPerSecond: null });
    this.stage.endReplay();
    this.command(() => this.host.engine.pause());
  }

  step(): void {
    this.store.setState({ running: false, stepsPerSecond: null });
    this.command(() => this.host.engine.step(1));
  }

  /** Back to step 0, paused; live changes happen again at their steps. */
  reset(): void {
    const { live, loaded, experiment } = this.store.getState();
    if (!live || !loaded) {
      this.load(experiment, { start: false, entry: 'none' });
      return;
    }
    this.beginTurn({ running: false });
    this.turns.take(async (isCurrent) => {
      const run = await this.host.engine.reset(true);
      if (isCurrent()) this.stage.show({ ...loaded, run });
    });
  }

  /** Back to step 0 without the live changes, except those that belong to the start. */
  forgetChanges(): void {
    const { experiment } = this.store.getState();
    const interventions = experiment.interventions.filter(({ step }) => step === 0);
    this.load({ ...experiment, interventions }, { start: false, entry: 'push' });
  }

  /** After a failure: computes the run anew, on another backend if that is wished, and goes on. */
  recover(backend: BackendChoice): void {
    const { experiment, problem } = this.store.getState();
    if (problem?.kind !== 'lost') {
      this.load(experiment, { start: true, entry: 'none', backend });
      return;
    }
    this.beginTurn({ running: true, live: false });
    this.turns.take(async (isCurrent) => {
      const recovered = await this.host.engine.recover(experiment, this.stage.steps, backend);
      if (!isCurrent()) return;
      this.stage.resume(recovered);
      await this.continueLive(isCurrent);
    });
  }

  /** Runs the same experiment from the start on the given backend. */
  useBackend(backend: BackendChoice): void {
    const { experiment, running } = this.store.getState();
    this.load(experiment, { start: running, entry: 'none', backend });
  }

  /**
   * Changes a number while it trains. The controls show it at once. Every value that the run gets becomes part of the
   * link, so whatever is dragged says where in its gesture a value stands: `move` values reach the run only where the
   * hand rests, `end` is called once when it lets go, with the last value.
   */
  intervene(
    lane: number | 'all',
    key: LiveKey,
    value: number,
    { gesture }: { readonly gesture?: Gesture } = {},
  ): void {
    this.store.setState(({ pending }) => ({ pending: withPending(pending, liveId(lane, key), value) }));
    this.changes.request({ lane, key, value }, gesture);
  }

  setSpeed(speed: number | null): void {
    this.store.setState({ speed });
    this.command(() => this.host.engine.setSpeed(speed));
  }

  /** Changes what is looked at, and shows it at once. */
  look(change: Partial<Pick<AppState, 'selectedLane' | 'rulerSites' | 'allSites'>>): void {
    this.store.setState(change);
    this.stage.refresh();
  }

  /** Copies the link of the run as it is, live changes included. */
  async share(): Promise<void> {
    await this.changes.flush();
    const url = this.host.link.url(this.store.getState().experiment);
    await shareLink(url, this.host.copiedText.run, this.host, this.announcer);
  }

  /** Copies the address of a page that is not the playground. */
  sharePage(url: string): Promise<void> {
    return shareLink(url, this.host.copiedText.page, this.host, this.announcer);
  }

  /** A run that nobody sees does not train: the tab is hidden, or another page is open. It goes on when seen again. */
  setHidden(hidden: boolean): void {
    if (hidden === this.hidden) return;
    this.hidden = hidden;
    if (!this.store.getState().running) return;
    this.command(() => (hidden ? this.host.engine.pause() : this.host.engine.start()));
  }

  private onAccepted(intervention: Intervention): void {
    this.store.setState(({ experiment, loaded, pending }) => {
      const interventions = recordIntervention(experiment.interventions, intervention);
      const changed = { ...experiment, interventions };
      return {
        experiment: changed,
        loaded: loaded && { ...loaded, experiment: changed },
        pending: withAccepted(pending, intervention),
      };
    });
    this.host.link.replace(this.store.getState().experiment);
  }

  private onFrame(frame: Frame): void {
    const events = this.stage.accept(frame);
    if (!events) return;
    const { loaded, selectedLane, pending } = this.store.getState();
    const left = settledPending(pending, this.stage.steps);
    if (left !== pending) this.store.setState({ pending: left });
    const text = loaded && this.host.describe(events[selectedLane], loaded);
    if (text) this.announcer.say(text);
  }

  private onStatus(status: EngineStatus): void {
    if (status.state === 'loading') return;
    // What another run has to say is out of date.
    if (status.run !== null && !this.stage.shows(status.run)) return;
    if (status.state === 'running') this.store.setState({ stepsPerSecond: status.stepsPerSecond });
    if (status.state !== 'failed') return;
    this.stage.endCatchUp();
    this.store.setState(({ live }) => ({
      running: false,
      stepsPerSecond: null,
      problem: { kind: live ? 'lost' : 'failed', message: status.message },
    }));
  }

  /** What every long operation starts with. */
  private beginTurn(change: Partial<AppState>): void {
    this.changes.clear();
    this.stage.endCatchUp();
    this.store.setState({ ...change, stepsPerSecond: null, pending: {}, problem: null });
  }

  /** Waits until the engine is where the page shows it, and lets it run if it should. */
  private async continueLive(isCurrent: () => boolean): Promise<void> {
    await this.stage.settled();
    if (!isCurrent()) return;
    this.store.setState({ live: true, recorded: false });
    if (this.store.getState().running && !this.hidden) await this.host.engine.start();
  }

  private command(send: () => Promise<void>): void {
    // A change made before the command is in force when it acts.
    void this.changes.flush();
    this.turns.afterwards(async () => {
      if (this.store.getState().live) await send();
    });
  }
}
