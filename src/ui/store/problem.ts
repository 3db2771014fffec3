/** What a failure of the engine means for a person: what happened to what, and which ways on are worth offering. */
import type { BackendChoice, FailureCode } from '../../engine/protocol';
import type { Experiment } from '../../experiment/experiment';
import type { AppState, Problem } from './state';
import type { Message } from '../../numerics/message';

export interface Failure {
  readonly code: FailureCode;
  readonly message: Message;
  /** The engine itself said it; a call that was rejected only knows that it was. */
  readonly told: boolean;
}

/**
 * @param backend what the engine was asked to compute on
 * @param before the experiment that ran before the present one
 */
export function problemOf(
  { code, message, told }: Failure,
  { phase, loaded }: AppState,
  backend: BackendChoice,
  before: Experiment | null,
): Problem {
  const ran = loaded !== null && phase !== 'recorded';
  const isOnShow = ran && (phase === 'live' || backend === 'auto');
  const computing = isOnShow ? loaded.backend.kind : backend;
  // An experiment that no device takes has been refused by all of them.
  const mayHelp = told && computing !== 'cpu' && (code === 'engine' || (ran && code === 'device'));
  const next = computing === 'webgpu' ? 'wasm' : 'cpu';
  return {
    kind: ran ? 'lost' : 'failed',
    code,
    message,
    instead: mayHelp ? next : null,
    before: loaded ? null : before,
  };
}
