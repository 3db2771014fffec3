/** The page's end of the engine: keeps a worker, starts another when it has ended, and carries the messages of protocol.ts. */
import { Connection, type ClientHost, type EngineStopped } from './connection';
import { systemClock } from './clock';
import type {
  BackendChoice,
  EngineApi,
  EngineListener,
  Frame,
  LoadedExperiment,
  WeightPlace,
} from './protocol';
import type { Experiment, Intervention, LiveKey } from '../experiment/experiment';

type Answered<Call> = Call extends (...args: infer Args) => infer Result
  ? (...args: Args) => Promise<Awaited<Result>>
  : never;

/** The EngineApi with every call answered by a promise. */
export type EngineClient = { readonly [Name in keyof EngineApi]: Answered<EngineApi[Name]> };

/**
 * Nothing of a run is kept here: after a failure the page says what to load and to which step it had come. Calls to
 * a worker that has ended are rejected, but `load` and `recover` start a new one.
 */
export class Client implements EngineClient {
  readonly #host: ClientHost;
  #connection: Connection;
  #listener: EngineListener | null = null;
  #speed: number | null = null;
  #lastRun = 0;
  #step = 0;

  constructor(host: ClientHost) {
    this.#host = host;
    this.#connection = this.#connect();
  }

  async subscribe(listener: EngineListener): Promise<void> {
    this.#listener = listener;
  }

  load(experiment: Experiment, backend: BackendChoice): Promise<LoadedExperiment> {
    return this.#prepare((engine) => engine.load(experiment, backend));
  }

  recover(experiment: Experiment, step: number, backend: BackendChoice): Promise<LoadedExperiment> {
    return this.#prepare((engine) => engine.recover(experiment, step, backend));
  }

  start(): Promise<void> {
    return this.#connection.ask((engine) => engine.start());
  }

  pause(): Promise<void> {
    return this.#connection.ask((engine) => engine.pause());
  }

  step(steps: number): Promise<void> {
    return this.#connection.ask((engine) => engine.step(steps));
  }

  async reset(keepInterventions: boolean): Promise<number> {
    this.#lastRun = await this.#connection.ask((engine) => engine.reset(keepInterventions));
    return this.#lastRun;
  }

  watchWeight(weight: WeightPlace | null): Promise<void> {
    return this.#connection.ask((engine) => engine.watchWeight(weight));
  }

  setSpeed(stepsPerSecond: number | null): Promise<void> {
    this.#speed = stepsPerSecond;
    return this.#connection.ask((engine) => engine.setSpeed(stepsPerSecond));
  }

  intervene(lane: number | 'all', key: LiveKey, value: number): Promise<Intervention> {
    return this.#connection.ask((engine) => engine.intervene(lane, key, value));
  }

  async #prepare(call: (...args: Parameters<Parameters<Connection['ask']>[0]>) => Promise<LoadedExperiment>) {
    if (this.#connection.hasEnded) this.#connection = this.#connect();
    const connection = this.#connection;
    const loaded = await connection.ask(call);
    this.#lastRun = loaded.run;
    connection.backend = loaded.backend.kind;
    return loaded;
  }

  #connect(): Connection {
    return new Connection(
      this.#host,
      { lastRun: this.#lastRun, speed: this.#speed },
      { frame: (frame) => this.#onFrame(frame), status: (status) => this.#listener?.status(status) },
      (reason) => this.#onEnded(reason),
    );
  }

  #onFrame(frame: Frame): void {
    this.#step = frame.firstStep + frame.steps;
    void this.#listener?.frame(frame);
  }

  #onEnded({ code, said }: EngineStopped): void {
    this.#listener?.status({ state: 'failed', run: null, step: this.#step, code, message: said });
  }
}

/** Some browsers draw no frames of a page that is out of sight but not hidden. */
const UNDRAWN_MS = 100;

function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, UNDRAWN_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Starts the engine's worker. */
export function connectEngine(): EngineClient {
  return new Client({
    clock: systemClock(),
    pageAddress: document.baseURI,
    locks: (navigator as { locks?: LockManager }).locks,
    startWorker: () => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }),
    isHidden: () => document.hidden,
    drawn,
  });
}
