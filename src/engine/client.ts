/** The page's end of the engine: starts the worker and carries the messages of protocol.ts to it. */
import { proxy, wrap } from 'comlink';
import type { WorkerEngine } from './engine.worker';
import type { EngineApi } from './protocol';

type Answered<Call> = Call extends (...args: infer Args) => infer Result
  ? (...args: Args) => Promise<Awaited<Result>>
  : never;

/** The EngineApi with every call answered by a promise. */
export type EngineClient = { readonly [Name in keyof EngineApi]: Answered<EngineApi[Name]> };

export function connectEngine(): EngineClient {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
  const engine = wrap<WorkerEngine>(worker);
  return {
    subscribe: (listener) => {
      // A worker whose script does not load answers nothing at all.
      worker.addEventListener('error', ({ message }) => {
        const reason = message || 'its script could not be loaded';
        listener.status({
          state: 'failed',
          run: null,
          step: 0,
          code: 'engine',
          message: `the engine stopped: ${reason}`,
        });
      });
      return engine.connect(proxy(listener), document.baseURI);
    },
    load: (experiment, backend) => engine.load(experiment, backend),
    recover: (experiment, step, backend) => engine.recover(experiment, step, backend),
    start: () => engine.start(),
    pause: () => engine.pause(),
    step: (steps) => engine.step(steps),
    reset: (keepInterventions) => engine.reset(keepInterventions),
    setSpeed: (stepsPerSecond) => engine.setSpeed(stepsPerSecond),
    intervene: (lane, key, value) => engine.intervene(lane, key, value),
  };
}
