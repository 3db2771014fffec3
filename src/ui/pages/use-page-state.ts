import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { Notice } from '../../experiment/codec';
import { useApp } from '../store/react';
import type { SidePage } from './route';

/** How the state of a page is written into the address, and read from it. */
export interface PageState<State> {
  readonly page: SidePage;
  readonly write: (state: State) => string;
  /** Never throws: what is bad keeps its default and gives a notice. */
  readonly parse: (hash: string) => { readonly state: State; readonly notices: readonly Notice[] };
}

export type Update<State> = (change: (state: State) => State, entry?: 'push' | 'replace') => void;

export interface PageStateInUse<State> {
  readonly state: State;
  /** What was wrong with the link. */
  readonly notices: readonly Notice[];
  /** Changes the state; `push` makes an entry in the history, for discrete changes. */
  readonly update: Update<State>;
  /** How often the address has brought another state. */
  readonly visit: number;
}

/** Holds the state of a page in step with the address. */
export function usePageState<State>({ page, write, parse }: PageState<State>): PageStateInUse<State> {
  const { navigator } = useApp();
  const [{ state, notices }, setParsed] = useState(() => parse(navigator.hash));
  const [visit, nextVisit] = useReducer((count: number) => count + 1, 0);
  /** What the page shows, also before it has been rendered and before the address is written. */
  const current = useRef({ state, hash: navigator.hash });

  useEffect(
    () =>
      navigator.subscribe(() => {
        if (navigator.page !== page || navigator.hash === current.current.hash) return;
        const parsed = parse(navigator.hash);
        current.current = { state: parsed.state, hash: navigator.hash };
        setParsed(parsed);
        nextVisit();
      }),
    [navigator, page, parse],
  );

  const update = useCallback<Update<State>>(
    (change, entry = 'replace') => {
      const next = change(current.current.state);
      const hash = write(next);
      current.current = { state: next, hash };
      setParsed({ state: next, notices: [] });
      if (entry === 'push') navigator.open(hash);
      else navigator.replace(hash);
    },
    [navigator, write],
  );
  return { state, notices, update, visit };
}
