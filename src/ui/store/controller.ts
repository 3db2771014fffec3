/**
 * Drives the engine and keeps the store in step with it. What a person asks for is shown at once; what the run does
 * comes back in frames.
 */
import type { BackendChoice, EngineStatus, FailureCode, Frame, WeightPlace } from '../../engine/protocol';
import { recordIntervention } from '../../experiment/apply';
import type { Experiment, Intervention, LiveKey } from '../../experiment/experiment';
import { Announcer } from './announcer';
import { Commentary } from './commentary';
import type { ControllerHost, LoadOptions } from './controller-host';
import { LiveChanges, type Gesture } from './live-changes';
import {
  liveId,
  pendingInterventions,
  settledPending,
  withAccepted,
  withoutPending,
  withPending,
} from './pending';
import { problemOf, type Failure } from './problem';
import { shareLink } from './share';
import { Stage, type KeptRun } from './stage';
import { preferredLane, type AppState } from './state';
import type { AppStore } from './store';
import { withLiveValues } from './structure';
import { Turns } from './turns';
import { errorText } from '../../i18n/said';
import { reasonOf, type Message } from '../../numerics/message';

export class Controller {
  readonly announcer: Announcer;
  private readonly commentary = new Commentary(() => Date.now());
  private readonly host: ControllerHost;
  private readonly store: AppStore;
  private readonly stage: Stage;
  private readonly changes: LiveChanges;
  private hidden = false;
  /** What was last asked of the engine to compute on: what a person wants, unless a failure led elsewhere. */
  private backend: BackendChoice = 'auto';
  /** The failure of a run that is not on show, perhaps not yet. */
  private unclaimed: { readonly run: number; readonly code: FailureCode; readonly message: Message } | null =
    null;
  private watched: WeightPlace | null = null;
  /** The run to go back to when the experiment after it does not start. */
  private before: KeptRun | null = null;
  /** Loads, resets and recoveries. */
  private readonly turns = new Turns((error) =>
    this.onFailure({ code: 'engine', message: reasonOf(error), told: false }),
  );

  constructor(host: ControllerHost) {
    this.host = host;
    this.store = host.store;
    this.stage = new Stage(host.store, host.schedule);
    this.announcer = new Announcer((announcement) => this.store.setState({ announcement }));
    this.store.subscribe((state, before) => {
      if (state.views.diagnoses !== before.views.diagnoses) this.tellDiagnoses(state);
    });
    this.changes = new LiveChanges({
      send: async ({ lane, key, value }, isMeant) => {
        await this.turns.done();
        return isMeant() ? host.engine.intervene(lane, key, value) : null;
      },
      accepted: (intervention) => this.onAccepted(intervention),
      refused: ({ lane, key }, reason) => {
        this.store.setState(({ pending }) => ({ pending: withoutPending(pending, liveId(lane, key)) }));
        this.announcer.say(errorText(reason), true);
      },
    });
  }

  /** Opens what the address names, and starts it. */
  async boot(): Promise<void> {
    const { engine, link, recording } = this.host;
    const { experiment, notices, isOpening } = link.open();
    this.store.setState({ linkNotices: notices, running: true });
    link.watch(() => this.openLink());
    if (isOpening) {
      this.stage.play(recording);
      this.store.setState({ phase: 'recorded' });
    }
    await engine.subscribe({
      frame: (frame) => this.onFrame(frame),
      status: (status) => this.onStatus(status),
    });
    if (isOpening) this.loadBehind(experiment);
    else this.load(experiment, { start: this.store.getState().running, entry: 'none' });
  }

  /** What the person went back or forward to, or typed: a run that was left paused, or is paused now, stays so. */
  private openLink(): void {
    const { experiment, notices } = this.host.link.open();
    const start = this.wantsToRun() && (this.host.link.ranWhenLeft(experiment) ?? true);
    this.store.setState({ linkNotices: notices });
    this.load(experiment, { start, entry: 'none' });
  }

  load(experiment: Experiment, options: LoadOptions): void {
    const { entry, start, backend = this.preferred } = options;
    this.leave();
    if (entry !== 'none') {
      this.host.link[entry](experiment);
      // The link that was damaged is no longer the one in the address.
      this.store.setState({ linkNotices: [] });
    }
    const { selectedLane } = this.store.getState();
    this.stage.clear();
    this.commentary.begin();
    this.beginTurn({
      experiment,
      dismissed: [],
      phase: 'preparing',
      running: start,
      selectedLane: selectedLane < experiment.lanes.length ? selectedLane : preferredLane(experiment),
    });
    this.backend = backend;
    this.turns.take(async (isCurrent) => {
      const loaded = await this.host.engine.load(experiment, backend);
      if (!isCurrent()) return;
      this.stage.show(loaded);
      await this.continueLive(isCurrent);
    });
  }

  /** Prepares the recorded opening while it plays. */
  private loadBehind(experiment: Experiment): void {
    this.backend = this.preferred;
    this.turns.take(async (isCurrent) => {
      const loaded = await this.host.engine.load(experiment, this.preferred);
      if (!isCurrent()) return;
      this.stage.resume(loaded);
      if (this.stage.steps > 0) await this.host.engine.step(this.stage.steps);
      await this.continueLive(isCurrent);
    });
  }

  /** Lets the engine compute anew what is on show, up to where it stands, and go on from there. */
  private resume(backend: BackendChoice, running: boolean): void {
    this.changes.clear();
    this.beginTurn({ phase: 'resuming', running, pending: {} });
    this.backend = backend;
    const { experiment } = this.store.getState();
    this.turns.take(async (isCurrent) => {
      const { steps } = this.stage;
      const recovered = await this.host.engine.recover(experiment, steps, backend);
      if (!isCurrent()) return;
      this.stage.resume(recovered);
      // What a run that was still going had sent before it was closed.
      const more = this.stage.steps - steps;
      if (more > 0) await this.host.engine.step(more);
      await this.continueLive(isCurrent);
    });
  }

  /** Another experiment takes the place of the present one, which one may want back. */
  private leave(): void {
    const { experiment, phase } = this.store.getState();
    this.host.link.left(experiment, this.wantsToRun());
    this.changes.clear();
    if (phase === 'live' || phase === 'stopped') this.before = this.stage.keep();
  }

  /** A run that failed was to go on. */
  private wantsToRun(): boolean {
    const { running, problem } = this.store.getState();
    return running || problem !== null;
  }

  /** Restarts with a changed structure; what was changed live becomes part of the start. */
  restructure(change: (experiment: Experiment) => Experiment): void {
    this.load(change(this.current()), { start: this.wantsToRun(), entry: 'push' });
  }

  /** The experiment that would start with what is in force now, or has been asked for. */
  current(): Experiment {
    const { experiment, pending } = this.store.getState();
    const { steps } = this.stage;
    return withLiveValues(experiment, steps, pendingInterventions(pending, steps));
  }

  start(): void {
    if (this.store.getState().problem) {
      this.recover();
      return;
    }
    this.store.setState({ running: true });
    this.command(() => this.host.engine.start());
  }

  pause(): void {
    this.store.setState({ running: false, stepsPerSecond: null });
    this.stage.endReplay();
    this.command(() => this.host.engine.pause());
  }

  step(): void {
    if (this.store.getState().problem) this.recover(this.preferred, false);
    this.store.setState({ running: false, stepsPerSecond: null });
    this.command(() => this.host.engine.step(1));
  }

  /** Back to step 0, paused; live changes happen again at their steps. */
  reset(): void {
    const { phase, experiment } = this.store.getState();
    if (phase !== 'live') {
      this.load(experiment, { start: false, entry: 'none' });
      return;
    }
    // A change that is on its way belongs to the run, and happens again.
    void this.changes.flush();
    this.beginTurn({ running: false });
    this.turns.take(async (isCurrent) => {
      const run = await this.host.engine.reset(true);
      const { loaded: left } = this.store.getState();
      if (!isCurrent() || !left) return;
      this.commentary.begin();
      this.stage.show({ ...left, run });
    });
  }

  /** Back to step 0 without the live changes, except those that belong to the start. */
  forgetChanges(): void {
    const { experiment } = this.store.getState();
    const interventions = experiment.interventions.filter(({ step }) => step === 0);
    this.load({ ...experiment, interventions }, { start: false, entry: 'push' });
  }

  /** After a failure: computes the run anew, on another backend if that is wished, and goes on. */
  recover(backend: BackendChoice = this.preferred, start = true): void {
    const { experiment, phase } = this.store.getState();
    if (phase === 'stopped') this.resume(backend, start);
    else this.load(experiment, { start, entry: 'none', backend });
  }

  /** After an experiment that did not start: the one before it, where it was left. */
  goBack(): void {
    const { before } = this;
    if (!before) return;
    const { experiment } = before.loaded;
    this.leave();
    this.host.link.push(experiment);
    this.store.setState({ experiment, selectedLane: preferredLane(experiment) });
    this.stage.putBack(before);
    this.resume(this.preferred, this.host.link.ranWhenLeft(experiment) ?? true);
  }

  closeProblem(): void {
    this.store.setState({ problemOpen: false });
  }

  /** Computes on this from now on, what is on show too: the bits are the same, so it goes on where it is. */
  async chooseBackend(choice: BackendChoice): Promise<void> {
    this.store.setState({ backendChoice: choice });
    // A change that is on its way belongs to the run.
    await this.changes.flush();
    const { experiment, phase } = this.store.getState();
    const start = this.wantsToRun();
    if (phase === 'live' || phase === 'stopped' || phase === 'resuming') this.resume(choice, start);
    else this.load(experiment, { start, entry: 'none' });
  }

  private get preferred(): BackendChoice {
    return this.store.getState().backendChoice;
  }

  /**
   * Changes a number while it trains. The controls show it at once. Every value that the run gets becomes part of the
   * link, so whatever is dragged says where in its gesture a value stands: `move` values are only shown, `end` is called
   * once when the hand lets go, with the last value.
   */
  intervene(
    lane: number | 'all',
    key: LiveKey,
    value: number,
    { gesture }: { readonly gesture?: Gesture } = {},
  ): void {
    this.store.setState(({ pending }) => ({ pending: withPending(pending, { lane, key, value }) }));
    if (this.store.getState().phase !== 'failed') this.changes.request({ lane, key, value }, gesture);
    // There is no run to change, but it may start with this.
    else if (gesture !== 'move') this.restructure((experiment) => experiment);
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

  /** Looks at a weight from now on, null at none. */
  watchWeight(weight: WeightPlace | null): void {
    this.watched = weight;
    this.command(() => this.host.engine.watchWeight(weight));
  }

  /** Copies the link of the run as it is, live changes included. */
  async share(): Promise<void> {
    await this.changes.flush();
    const url = this.host.link.url(this.store.getState().experiment);
    await shareLink(url, this.host.words.copied('run'), this.host, this.announcer);
  }

  /** Copies the address of a page that is not the playground. */
  sharePage(url: string): Promise<void> {
    return shareLink(url, this.host.words.copied('page'), this.host, this.announcer);
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
    const event = this.commentary.eventToTell(selectedLane, events[selectedLane]);
    if (event && loaded) this.announcer.say(this.host.words.event(event, loaded));
  }

  private tellDiagnoses({ views, loaded }: AppState): void {
    if (!loaded) return;
    for (const spell of this.commentary.diagnosesToTell(views.diagnoses)) {
      this.announcer.say(this.host.words.diagnosis(spell, loaded));
    }
  }

  private onStatus(status: EngineStatus): void {
    if (status.state === 'loading') return;
    // What another run has to say is out of date, or comes before the answer that would tell of it.
    if (status.run !== null && !this.stage.shows(status.run)) {
      if (status.state === 'failed') this.unclaimed = { ...status, run: status.run };
      return;
    }
    if (status.state === 'running') this.store.setState({ stepsPerSecond: status.stepsPerSecond });
    if (status.state === 'failed') this.onFailure({ ...status, told: true });
  }

  private onFailure(failure: Failure): void {
    const state = this.store.getState();
    if (state.problem && !failure.told) return;
    this.stage.endReplay();
    this.stage.endCatchUp();
    this.store.setState({
      running: false,
      stepsPerSecond: null,
      phase: state.loaded ? 'stopped' : 'failed',
      problem: problemOf(failure, state, this.backend, this.before?.loaded.experiment ?? null),
      problemOpen: true,
    });
  }

  /** What every long operation starts with. */
  private beginTurn(change: Partial<AppState>): void {
    this.stage.endCatchUp();
    this.store.setState({ ...change, stepsPerSecond: null, problem: null, problemOpen: false });
  }

  /** Waits until the engine is where the page shows it, and lets it run if it should. */
  private async continueLive(isCurrent: () => boolean): Promise<void> {
    const { unclaimed } = this;
    if (unclaimed !== null && this.stage.shows(unclaimed.run)) {
      this.onFailure({ ...unclaimed, told: true });
    }
    await this.stage.settled();
    if (!isCurrent() || this.store.getState().phase === 'stopped') return;
    this.store.setState({ phase: 'live', problem: null, problemOpen: false });
    if (this.watched) await this.host.engine.watchWeight(this.watched);
    const { experiment, running } = this.store.getState();
    this.announcer.say(this.host.words.ready(experiment, running), true);
    if (running && !this.hidden) await this.host.engine.start();
  }

  private command(send: () => Promise<void>): void {
    // A change made before the command is in force when it acts.
    void this.changes.flush();
    this.turns.afterwards(async () => {
      if (this.store.getState().phase === 'live') await send();
    });
  }
}
