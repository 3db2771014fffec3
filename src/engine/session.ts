/**
 * Drives a runner: start, pause, step, reset, live changes. It hands over a few steps at a time, up to three chunks
 * ahead of the results, and never waits for a step; what comes back goes to the listener in frames. How a run is cut
 * into chunks changes nothing about its results (schedule.ts holds what does).
 */
import { recordIntervention } from '../experiment/apply';
import { BOUNDS, describeBound, MAX_INTERVENTIONS } from '../experiment/bounds';
import { withinBound } from '../numerics/bound';
import type { Experiment, Intervention, LiveKey } from '../experiment/experiment';
import { interventionProblem } from '../experiment/schema';
import type { StepRecords } from '../graph/records';
import type { Runner } from '../training/backend';
import type { Clock } from './clock';
import { PendingFrame } from './frames';
import { Pace } from './pace';
import type { EngineListener, Frame, WeightPlace } from './protocol';
import { applyInterventions, isEvaluationStep, stepsUntilEvent } from './schedule';
import { Watch } from './watch';
import { isWatchable, readWeight, type WatchableWeights } from './weight-watch';
import { message, MessageError, reasonOf, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'run-has-stopped': { reason: Message };
    'device-silent': { who: Message; duration: Message };
    'too-many-live-changes': { most: number };
  }
}

const MAX_IN_FLIGHT = 3;
/**
 * Frames that the page may not have taken in yet. Without a limit, a device that is faster than the page would keep it so
 * busy that it does not react any more.
 */
const MAX_UNSEEN = 2;
const FRAME_MS = 16;
const HISTOGRAM_MS = 250;
const STATUS_MS = 250;
const WEIGHT_MS = 100;
/**
 * How long a running device may be silent: first with an evaluation of the whole held-out set in kernels that it has
 * never run (minutes, for the slowest way to accumulate on a software adapter), later for ten times as long as it ever was (watch.ts), and never less than half a minute.
 */
const PATIENCE = { first: 600_000, later: 30_000 };

export interface SessionOptions {
  readonly experiment: Experiment;
  readonly runner: Runner;
  /** Steps from one evaluation on the held-out set to the next. */
  readonly evaluationInterval: number;
  readonly metric: 'accuracy' | 'loss';
  readonly watchable: WatchableWeights;
  readonly listener: EngineListener;
  readonly clock: Clock;
  /** Number of the first run; every reset adds one. */
  readonly run: number;
  /** Upper limit of steps per second, null for none. */
  readonly speed: number | null;
  /** Begins the sentence that says that it does not answer. */
  readonly device: Message;
  /** The device does not answer any more; the session has failed and said so. */
  onSilence(): void;
}

export class Session {
  readonly #options: SessionOptions;
  #experiment: Experiment;
  #run: number;
  /** The first step that has not been handed over. */
  #next = 0;
  /** Steps whose records have come back. */
  #completed = 0;
  #inFlight = 0;
  #failure: Message | null = null;
  /** Identity of what the session is doing; whoever finds another one in its place stops. */
  #activity: object = {};
  #opened = false;
  #running = false;
  /** The step at which it is to pause. */
  #until = 0;
  /** Up to this step no limit of speed holds. */
  #hurriedTo = 0;
  /** Results are taken in the order in which they were asked for. */
  #results: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;
  #pending: PendingFrame;
  #cancelFrame: (() => void) | null = null;
  #lastFrame = -Infinity;
  #unseen = 0;
  #lastHistogram = -Infinity;
  #lastStatus = -Infinity;
  #lastWeight = -Infinity;
  #watchedWeight: WeightPlace | null = null;
  readonly #pace = new Pace();
  /** Results that have been asked for. */
  #awaited = 0;
  readonly #watch: Watch;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#experiment = options.experiment;
    this.#run = options.run;
    this.#pending = new PendingFrame(options.metric);
    this.#pace.setLimit(options.speed, options.clock.now(), 0);
    this.#watch = new Watch({
      clock: options.clock,
      patience: PATIENCE,
      // Behind a hidden tab, where browsers may hold the graphics card back, the run pauses.
      isDue: () => this.#running && this.#awaited > 0,
      onSilence: (duration) => {
        this.fail(message('device-silent', { who: options.device, duration }));
        options.onSilence();
      },
    });
  }

  get run(): number {
    return this.#run;
  }

  /** With the interventions made so far. */
  get experiment(): Experiment {
    return this.#experiment;
  }

  /** Completed steps. */
  get step(): number {
    return this.#completed;
  }

  /** Evaluates the initial weights and reports that the run can begin. Later calls do nothing. */
  open(): void {
    if (this.#opened || this.#failure !== null) return;
    this.#opened = true;
    this.#evaluate();
    this.pause();
  }

  start(): void {
    this.runSteps(Infinity);
  }

  pause(): void {
    void this.#settle(this.#begin(false));
  }

  /** Runs so many steps more, then pauses. Steps that were asked for before and have not run yet stay asked for. */
  runSteps(steps: number): void {
    if (this.#failure !== null) return;
    this.open();
    const from = this.#running && Number.isFinite(this.#until) ? this.#until : this.#next;
    this.#until = from + steps;
    this.#watch.start();
    void this.#drive(this.#begin(true));
  }

  /** Runs so many steps more as fast as it can, because they have been on show before, then pauses. */
  catchUp(steps: number): void {
    this.#hurriedTo = this.#next + steps;
    this.runSteps(steps);
  }

  reset(keepInterventions: boolean): number {
    if (this.#failure !== null) return this.#run;
    this.#hurriedTo = 0;
    this.#options.runner.reset();
    this.#run++;
    this.#next = 0;
    this.#completed = 0;
    this.#inFlight = 0;
    this.#pending = new PendingFrame(this.#options.metric);
    if (!keepInterventions) this.#experiment = { ...this.#experiment, interventions: [] };
    this.#opened = false;
    this.open();
    return this.#run;
  }

  watchWeight(weight: WeightPlace | null): void {
    this.#watchedWeight = weight;
    if (this.#failure === null && this.#opened && !this.#running) this.#attempt(() => this.#requestWeight());
  }

  setSpeed(stepsPerSecond: number | null): void {
    this.#pace.setLimit(stepsPerSecond, this.#options.clock.now(), this.#next);
    this.#kick();
  }

  /** @throws MessageError when the change is not possible */
  intervene(lane: number | 'all', key: LiveKey, value: number): Intervention {
    const intervention: Intervention = { step: this.#next, lane, key, value };
    const problem = this.#problemWith(intervention);
    if (problem) throw new MessageError(problem);
    const interventions = recordIntervention(this.#experiment.interventions, intervention);
    this.#experiment = { ...this.#experiment, interventions };
    return intervention;
  }

  /** Ends the session: a failed one does nothing any more but say so. */
  fail(reason: Message): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#watch.stop();
    this.#begin(false);
    this.#flush();
    this.#options.listener.status({
      state: 'failed',
      run: this.#run,
      step: this.#completed,
      code: 'device',
      message: reason,
    });
  }

  /** Stops without a word, because another session takes over. */
  close(): void {
    this.#failure = message('newer-loaded', {});
    this.#watch.stop();
    this.#begin(false);
    this.#cancelFrame?.();
    this.#pending = new PendingFrame(this.#options.metric);
    this.#options.runner.destroy();
  }

  #problemWith(intervention: Intervention): Message | null {
    if (this.#failure !== null) return message('run-has-stopped', { reason: this.#failure });
    const { key, value } = intervention;
    if (!withinBound(BOUNDS[key], value)) {
      return message('must-be', { name: key, what: describeBound(BOUNDS[key]), given: String(value) });
    }
    // One that takes the place of another always fits.
    if (recordIntervention(this.#experiment.interventions, intervention).length > MAX_INTERVENTIONS) {
      return message('too-many-live-changes', { most: MAX_INTERVENTIONS });
    }
    return interventionProblem(this.#experiment.lanes, intervention);
  }

  /** Replaces whatever the session is doing. */
  #begin(running: boolean): object {
    this.#activity = {};
    this.#running = running;
    this.#kick();
    return this.#activity;
  }

  async #drive(activity: object): Promise<void> {
    const { clock } = this.#options;
    this.#pace.start(clock.now(), this.#next);
    this.#lastStatus = -Infinity;
    this.#reportRunning();
    while (this.#next < this.#until) {
      // A turn between chunks lets messages in even where the backend computes in this very thread.
      await clock.turn();
      while (this.#activity === activity && !this.#mayQueue()) await this.#sleep();
      if (this.#activity !== activity) return;
      this.#attempt(() => this.#queue());
    }
    await this.#settle(activity);
  }

  #mayQueue(): boolean {
    const { clock } = this.#options;
    return this.#hasRoom() && this.#due(clock.now()) >= 1;
  }

  /** Steps that may be handed over now. */
  #due(now: number): number {
    const hurried = this.#hurriedTo - this.#next;
    return hurried > 0 ? hurried : this.#pace.due(now, this.#next);
  }

  #hasRoom(): boolean {
    return this.#inFlight < MAX_IN_FLIGHT && this.#unseen < MAX_UNSEEN;
  }

  /** Until something comes back or is taken in, the next step is due, or the plan changes. */
  #sleep(): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const full = !this.#hasRoom();
      const wait = Math.max(1, this.#pace.wait(clock.now(), this.#next));
      const cancel = full ? () => undefined : clock.after(wait, () => this.#kick());
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #kick(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Hands over the next chunk, with what belongs before and after it. */
  #queue(): void {
    const { runner, clock, evaluationInterval } = this.#options;
    const now = clock.now();
    const step = this.#next;
    applyInterventions(runner, this.#experiment, step);
    const steps = Math.min(
      this.#pace.size,
      this.#due(now),
      stepsUntilEvent(this.#experiment, step, evaluationInterval),
      runner.maxSteps,
      this.#until - step,
    );
    this.#next += steps;
    this.#inFlight++;
    this.#receive(runner.run(steps), (records) => this.#receiveRecords(records, now));
    if (isEvaluationStep(this.#next, evaluationInterval)) this.#evaluate();
    if (now - this.#lastHistogram >= HISTOGRAM_MS) this.#requestHistograms();
    if (now - this.#lastWeight >= WEIGHT_MS) this.#requestWeight();
  }

  #receiveRecords(records: StepRecords, queued: number): void {
    this.#inFlight--;
    this.#completed = records.firstStep + records.steps;
    this.#pace.done(records.steps, queued, this.#options.clock.now());
    this.#pending.addRecords(records);
    if (this.#running) this.#reportRunning();
    this.#kick();
  }

  #evaluate(): void {
    this.#attempt(() =>
      this.#receive(this.#options.runner.evaluate(), (evaluation) => this.#pending.addEvaluation(evaluation)),
    );
  }

  #requestHistograms(): void {
    this.#lastHistogram = this.#options.clock.now();
    this.#receive(this.#options.runner.histograms(), (histograms) => this.#pending.addHistograms(histograms));
  }

  #requestWeight(): void {
    const weight = this.#watchedWeight;
    if (!weight || this.#next === 0 || !isWatchable(weight, this.#options.watchable)) return;
    this.#lastWeight = this.#options.clock.now();
    this.#receive(readWeight(this.#options.runner, weight, this.#next), (found) =>
      this.#pending.addWeight(found),
    );
  }

  /** Takes a result when its turn has come, unless the run that asked for it is over. */
  #receive<Result>(promised: Promise<Result>, take: (result: Result) => void): void {
    const run = this.#run;
    this.#awaited++;
    // A rejection is dealt with in turn, below; until then it must not count as unhandled.
    promised.catch(() => undefined);
    this.#results = this.#results.then(async () => {
      try {
        const result = await promised.finally(() => {
          this.#awaited--;
          this.#watch.heard();
        });
        if (this.#run !== run || this.#failure !== null) return;
        take(result);
        this.#scheduleFrame();
      } catch (error) {
        // Of an earlier run as well: it is the same device that failed.
        this.fail(reasonOf(error));
      }
    });
  }

  /** A backend that throws at once is as much a failure as one whose promise rejects. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(reasonOf(error));
    }
  }

  /** Waits for what has been handed over, sends it with fresh histograms, and reports the pause. */
  async #settle(activity: object): Promise<void> {
    if (this.#failure !== null) return;
    if (this.#next > 0) {
      this.#attempt(() => this.#requestHistograms());
      this.#attempt(() => this.#requestWeight());
    }
    await this.#results;
    if (this.#activity !== activity || this.#failure !== null) return;
    this.#running = false;
    this.#watch.stop();
    this.#flush();
    this.#options.listener.status({ state: 'paused', run: this.#run, step: this.#completed });
  }

  #reportRunning(): void {
    const now = this.#options.clock.now();
    if (now - this.#lastStatus < STATUS_MS) return;
    this.#lastStatus = now;
    const { stepsPerSecond } = this.#pace;
    this.#options.listener.status({
      state: 'running',
      run: this.#run,
      step: this.#completed,
      stepsPerSecond,
    });
  }

  async #show(frame: Frame): Promise<void> {
    this.#unseen++;
    try {
      await this.#options.listener.frame(frame);
    } catch {
      // A page that has failed to draw says so itself; the run does not depend on it.
    }
    this.#unseen--;
    this.#kick();
  }

  #scheduleFrame(): void {
    const { clock } = this.#options;
    const wait = this.#lastFrame + FRAME_MS - clock.now();
    if (wait <= 0) this.#flush();
    else this.#cancelFrame ??= clock.after(wait, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    if (this.#pending.empty) return;
    this.#lastFrame = this.#options.clock.now();
    void this.#show(this.#pending.take(this.#run, this.#completed));
  }
}
