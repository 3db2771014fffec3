/** The engine behind the messages of protocol.ts: one experiment at a time, on one backend, driven by a session. */
import type { Experiment, Intervention, LiveKey } from '../experiment/experiment';
import { sizeOf } from '../graph/tensor';
import type { Backend } from '../training/backend';
import type { AdapterFound } from '../backends/webgpu';
import { Backends, type Prepared } from './backends';
import type { Clock } from './clock';
import { siteInfos, updatedWeights, type Compiled } from './compile';
import type {
  BackendChoice,
  BackendKind,
  EngineApi,
  EngineListener,
  FailureCode,
  LoadedExperiment,
  WeightPlace,
} from './protocol';
import { Session } from './session';
import { message, MessageError, reasonOf, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'the-card': Record<never, never>;
    'a-thread': Record<never, never>;
    'nothing-loaded': Record<never, never>;
    'newer-loaded': Record<never, never>;
  }
}

export interface EngineHost {
  readonly clock: Clock;
  openBackend(kind: BackendKind): Promise<Backend>;
  /** Looks for a graphics card without opening it. */
  findAdapter(): Promise<AdapterFound>;
  /** Rejects with a message for people, for example when data cannot be loaded. */
  compile(experiment: Experiment): Promise<Compiled>;
}

interface Running {
  readonly session: Session;
  readonly backend: Backend;
}

/** What computes, where it does not answer any more. */
const DEVICES: Readonly<Record<BackendKind, Message>> = {
  webgpu: message('the-card', {}),
  wasm: message('a-thread', {}),
  cpu: message('the-reference', {}),
};

const SILENT: EngineListener = { frame: () => undefined, status: () => undefined };

export class Engine implements EngineApi {
  readonly #host: EngineHost;
  readonly #backends: Backends;
  #listener: EngineListener = SILENT;
  #running: Running | null = null;
  #speed: number | null = null;
  /** Loads are done one after the other; of several that wait, only the newest. */
  #loads: Promise<unknown> = Promise.resolve();
  #newestLoad = 0;
  #run = 0;

  constructor(host: EngineHost) {
    this.#host = host;
    const { clock } = host;
    this.#backends = new Backends(
      { clock, open: (kind) => host.openBackend(kind), findAdapter: () => host.findAdapter() },
      (backend, reason) => this.#onLost(backend, reason),
    );
  }

  /** The worker before this one has given the numbers of runs up to `run`. */
  continueRuns(run: number): void {
    this.#run = run;
  }

  /** Gets ready what will compute, before anything is loaded. */
  warmUp(): Promise<void> {
    return this.#backends.warmUp();
  }

  subscribe(listener: EngineListener): void {
    this.#listener = listener;
  }

  load(experiment: Experiment, backend: BackendChoice): Promise<LoadedExperiment> {
    return this.#enqueue(() => this.#load(experiment, backend));
  }

  recover(experiment: Experiment, step: number, backend: BackendChoice): Promise<LoadedExperiment> {
    return this.#enqueue(async () => {
      const loaded = await this.#load(experiment, backend);
      if (step > 0) this.#session().catchUp(step);
      return loaded;
    });
  }

  start(): void {
    this.#session().start();
  }

  pause(): void {
    this.#running?.session.pause();
  }

  step(steps: number): void {
    this.#session().runSteps(steps);
  }

  reset(keepInterventions: boolean): number {
    this.#run = this.#session().reset(keepInterventions);
    return this.#run;
  }

  watchWeight(weight: WeightPlace | null): void {
    this.#running?.session.watchWeight(weight);
  }

  setSpeed(stepsPerSecond: number | null): void {
    this.#speed = stepsPerSecond;
    this.#running?.session.setSpeed(stepsPerSecond);
  }

  async intervene(lane: number | 'all', key: LiveKey, value: number): Promise<Intervention> {
    return this.#session().intervene(lane, key, value);
  }

  #session(): Session {
    if (!this.#running) throw new MessageError(message('nothing-loaded', {}));
    return this.#running.session;
  }

  #enqueue(load: () => Promise<LoadedExperiment>): Promise<LoadedExperiment> {
    const number = ++this.#newestLoad;
    const result = this.#loads.then(() => {
      if (number !== this.#newestLoad) throw new MessageError(message('newer-loaded', {}));
      return load();
    });
    this.#loads = result.catch(() => undefined);
    return result;
  }

  async #load(experiment: Experiment, choice: BackendChoice): Promise<LoadedExperiment> {
    // The old program's memory is free before the new one's is asked for.
    this.#running?.session.close();
    this.#running = null;
    this.#listener.status({ state: 'loading' });
    const compiled = await this.#orFail('unreachable', this.#host.compile(experiment));
    const prepared = await this.#orFail('device', this.#backends.prepare(compiled.program, choice));
    const session = this.#begin(experiment, compiled, prepared);
    // The answer goes first, so that the page knows the run when its first frame comes.
    void this.#host.clock.turn().then(() => session.open());
    return describe(experiment, compiled, prepared, session.run);
  }

  /** The part of a load that `code` stands for. */
  async #orFail<Part>(code: FailureCode, part: Promise<Part>): Promise<Part> {
    try {
      return await part;
    } catch (error) {
      this.#listener.status({ state: 'failed', run: null, step: 0, code, message: reasonOf(error) });
      throw error;
    }
  }

  #begin(experiment: Experiment, compiled: Compiled, { backend, runner }: Prepared): Session {
    const session = new Session({
      experiment,
      runner,
      evaluationInterval: compiled.task.evaluationInterval,
      metric: compiled.task.metric,
      watchable: updatedWeights(compiled.program),
      listener: this.#listener,
      clock: this.#host.clock,
      run: ++this.#run,
      speed: this.#speed,
      device: DEVICES[backend.info.kind],
      onSilence: () => this.#backends.abandon(backend),
    });
    this.#running = { session, backend };
    return session;
  }

  #onLost(backend: Backend, reason: Message): void {
    if (this.#running?.backend === backend) this.#running.session.fail(reason);
  }
}

function describe(
  experiment: Experiment,
  { task, program, trainingRows, stepsPerEpoch, castChanges }: Compiled,
  { backend, runner, chosen, fallbackReason }: Prepared,
  run: number,
): LoadedExperiment {
  const { training, evaluationRows } = program;
  return {
    run,
    experiment,
    backend: backend.info,
    chosen,
    fallbackReason,
    sites: siteInfos(program),
    castChanges,
    stepsPerEpoch,
    trainingRows,
    evaluationRows,
    metric: task.metric,
    parameters: training.parameters.reduce((sum, { shape }) => sum + sizeOf({ shape }), 0),
    dispatchesPerStep: runner.dispatchesPerStep,
  };
}
