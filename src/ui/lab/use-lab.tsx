import {
  createContext,
  use,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import type { Notice } from '../../experiment/codec';
import { useApp } from '../store/react';
import { DraftScope } from '../widgets/DraftScope';
import { labHash, parseLab } from './link';
import { labValue, type LabState, type LabValue } from './state';

interface Lab {
  readonly state: LabState;
  readonly value: LabValue;
  /** What was wrong with the link. */
  readonly notices: readonly Notice[];
  /** Changes the state; `push` makes an entry in the history, for discrete changes. */
  readonly update: (change: (state: LabState) => LabState, entry?: 'push' | 'replace') => void;
}

const LabContext = createContext<Lab | null>(null);

/** Holds the lab's state in step with the address. */
export function LabProvider({ children }: { children: ReactNode }): ReactNode {
  const { navigator } = useApp();
  const [{ state, notices }, setLab] = useState(() => parseLab(navigator.hash));
  /** How often the address has brought another state. */
  const [visit, nextVisit] = useReducer((count: number) => count + 1, 0);
  /** What the page shows, also before it has been rendered and before the address is written. */
  const current = useRef({ state, hash: navigator.hash });

  useEffect(
    () =>
      navigator.subscribe(() => {
        if (navigator.page !== 'lab' || navigator.hash === current.current.hash) return;
        const parsed = parseLab(navigator.hash);
        current.current = { state: parsed.state, hash: navigator.hash };
        setLab(parsed);
        nextVisit();
      }),
    [navigator],
  );

  const update = useCallback<Lab['update']>(
    (change, entry = 'replace') => {
      const next = change(current.current.state);
      const hash = labHash(next);
      current.current = { state: next, hash };
      setLab({ state: next, notices: [] });
      if (entry === 'push') navigator.open(hash);
      else navigator.replace(hash);
    },
    [navigator],
  );

  const value = useMemo(() => labValue(state), [state]);
  const lab = useMemo(() => ({ state, value, notices, update }), [state, value, notices, update]);
  return (
    <LabContext value={lab}>
      <DraftScope of={`${visit} ${state.format}`}>{children}</DraftScope>
    </LabContext>
  );
}

/** Panels that may lag behind while something is dragged, so that what is dragged does not. */
export const DeferredLab = ({ children }: { children: ReactNode }): ReactNode => (
  <LabContext value={useDeferredValue(use(LabContext))}>{children}</LabContext>
);

export function useLab(): Lab {
  const lab = use(LabContext);
  if (!lab) throw new Error('there is no LabProvider above');
  return lab;
}
