import type { ReactNode } from 'react';
import type { Experiment } from '../../experiment/experiment';
import { useSelect } from '../store/react';
import { DraftScope } from '../widgets/DraftScope';
import { LaneList } from './LaneList';
import { LiveChangesChip } from './LiveChangesChip';
import { OptimizerSection } from './OptimizerSection';
import { ScalerSection } from './ScalerSection';
import { TaskSection } from './TaskSection';
import './rail.css';

/** All controls: what restarts the run carries a reset glyph, everything else acts at once. */
export function Rail(): ReactNode {
  return (
    <RailDrafts>
      <TaskSection />
      <LaneList />
      <ScalerSection />
      <OptimizerSection />
      <LiveChangesChip />
    </RailDrafts>
  );
}

const structures = new WeakMap<Experiment, string>();

/** An experiment but for its live changes, as a text to compare. */
function structureOf(experiment: Experiment): string {
  const known = structures.get(experiment);
  if (known !== undefined) return known;
  const structure = JSON.stringify({ ...experiment, interventions: [] });
  structures.set(experiment, structure);
  return structure;
}

/** A component of its own, so that nothing but fields is rendered anew. What was typed belongs to an experiment and a lane. */
function RailDrafts({ children }: { children: ReactNode }): ReactNode {
  const of = useSelect((state) => `${state.selectedLane} ${structureOf(state.experiment)}`);
  return <DraftScope of={of}>{children}</DraftScope>;
}
