/** Loading the page again without losing the experiment, wherever the person is. */
import { useApp } from '../store/react';

const KEY = 'playground';

/** A page other than the playground has a hash of its own, so the experiment waits in the entry's state. */
export function useReload(): () => void {
  const { navigator } = useApp();
  return () => {
    window.history.replaceState({ [KEY]: navigator.hashOf('playground') }, '');
    window.location.reload();
  };
}

/** The hash of the experiment that waits behind the open page; '' for none. */
export function waitingExperiment(): string {
  const state: unknown = window.history.state;
  const hash: unknown = typeof state === 'object' && state !== null && KEY in state ? state[KEY] : '';
  return typeof hash === 'string' ? hash : '';
}
