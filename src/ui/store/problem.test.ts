import { describe, expect, test } from 'vitest';
import type { BackendChoice, BackendKind, FailureCode, LoadedExperiment } from '../../engine/protocol';
import { defaultExperiment } from '../../experiment/defaults';
import { problemOf } from './problem';
import { initialState, type AppState, type Phase } from './state';
import { words } from '../../testing/said';

const before = defaultExperiment('linear');

/** A state in a phase, computed on a backend where something is on show. */
function stateIn(phase: Phase, kind: BackendKind | null): AppState {
  const loaded = kind && ({ backend: { kind, adapter: '', notes: [] } } as unknown as LoadedExperiment);
  return { ...initialState(defaultExperiment()), phase, loaded };
}

const cases: [FailureCode, boolean, Phase, BackendKind | null, BackendChoice, string][] = [
  // A file is not there for another backend either.
  ['unreachable', true, 'preparing', null, 'auto', 'failed back'],
  ['unreachable', true, 'resuming', 'webgpu', 'auto', 'lost'],
  // What no device takes, the reference has refused; a graphics card that went away, or a thread, was one.
  ['device', true, 'preparing', null, 'auto', 'failed back'],
  ['device', true, 'live', 'webgpu', 'auto', 'lost wasm'],
  ['device', true, 'live', 'wasm', 'auto', 'lost cpu'],
  // Asked for the card, and got something else.
  ['device', true, 'live', 'wasm', 'webgpu', 'lost cpu'],
  ['device', true, 'live', 'cpu', 'auto', 'lost'],
  ['device', true, 'resuming', 'webgpu', 'cpu', 'lost'],
  ['device', true, 'resuming', 'webgpu', 'wasm', 'lost cpu'],
  ['device', true, 'resuming', 'wasm', 'webgpu', 'lost wasm'],
  ['engine', true, 'preparing', null, 'auto', 'failed cpu back'],
  ['engine', true, 'preparing', null, 'cpu', 'failed back'],
  ['engine', true, 'preparing', null, 'webgpu', 'failed wasm back'],
  ['engine', true, 'live', 'webgpu', 'auto', 'lost wasm'],
  ['engine', true, 'live', 'cpu', 'auto', 'lost'],
  // A call that was rejected does not say what failed.
  ['engine', false, 'preparing', null, 'auto', 'failed back'],
  // What the recording was made on says nothing about this machine.
  ['engine', true, 'recorded', 'cpu', 'auto', 'failed cpu'],
  ['device', true, 'recorded', 'cpu', 'auto', 'failed'],
];

describe('what is offered', () => {
  test.each(cases)(
    '%s (told: %s) while %s on %s, asked for %s: %s',
    (code, told, phase, on, asked, offer) => {
      const problem = problemOf({ code, message: words('m'), told }, stateIn(phase, on), asked, before);
      const back = problem.before === before ? ' back' : '';
      expect(`${problem.kind}${problem.instead ? ` ${problem.instead}` : ''}${back}`).toBe(offer);
    },
  );
});
