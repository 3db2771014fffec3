import { createContext, use, useDeferredValue, useMemo, type ReactNode } from 'react';
import { race, type Demand, type Raced } from '../../analysis/race';
import type { Notice } from '../../experiment/codec';
import { usePageState, type PageState, type Update } from '../pages/use-page-state';
import { DraftScope } from '../widgets/DraftScope';
import { parseRace, raceHash } from './link';
import { demandOf, type RaceState } from './state';

interface Race {
  readonly state: RaceState;
  readonly demand: Demand;
  /** In the order of the racers; of a moment ago while something is dragged. */
  readonly results: readonly Raced[];
  /** The demand that the results are of. */
  readonly raced: Demand;
  readonly notices: readonly Notice[];
  readonly update: Update<RaceState>;
}

const RaceContext = createContext<Race | null>(null);

const RACE: PageState<RaceState> = { page: 'race', write: raceHash, parse: parseRace };

/** Holds the race's state in step with the address, and what comes of it. */
export function RaceProvider({ children }: { children: ReactNode }): ReactNode {
  const { state, notices, update, visit } = usePageState(RACE);
  const demand = useMemo(() => demandOf(state), [state]);
  const deferred = useDeferredValue(state);
  const raced = useMemo(() => demandOf(deferred), [deferred]);
  const results = useMemo(
    () => deferred.racers.map((settings) => race(settings, raced)),
    [deferred.racers, raced],
  );
  const value = useMemo(
    () => ({ state, demand, results, raced, notices, update }),
    [state, demand, results, raced, notices, update],
  );
  return (
    <RaceContext value={value}>
      <DraftScope of={String(visit)}>{children}</DraftScope>
    </RaceContext>
  );
}

export function useRace(): Race {
  const value = use(RaceContext);
  if (!value) throw new Error('there is no RaceProvider above');
  return value;
}
