import { createContext, use, useDeferredValue, useMemo, type ReactNode } from 'react';
import type { Notice } from '../../experiment/codec';
import { usePageState, type PageState, type Update } from '../pages/use-page-state';
import { DraftScope } from '../widgets/DraftScope';
import { labHash, parseLab } from './link';
import { labValue, type LabState, type LabValue } from './state';

interface Lab {
  readonly state: LabState;
  readonly value: LabValue;
  /** What was wrong with the link. */
  readonly notices: readonly Notice[];
  readonly update: Update<LabState>;
}

const LabContext = createContext<Lab | null>(null);

const LAB: PageState<LabState> = { page: 'lab', write: labHash, parse: parseLab };

/** Holds the lab's state in step with the address. */
export function LabProvider({ children }: { children: ReactNode }): ReactNode {
  const { state, notices, update, visit } = usePageState(LAB);
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
