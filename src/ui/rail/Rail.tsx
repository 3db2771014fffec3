import type { ReactNode } from 'react';
import { LaneList } from './LaneList';
import { LiveChangesChip } from './LiveChangesChip';
import { OptimizerSection } from './OptimizerSection';
import { ScalerSection } from './ScalerSection';
import { TaskSection } from './TaskSection';
import './rail.css';

/** All controls: what restarts the run carries a reset glyph, everything else acts at once. */
export function Rail(): ReactNode {
  return (
    <>
      <TaskSection />
      <LaneList />
      <ScalerSection />
      <OptimizerSection />
      <LiveChangesChip />
    </>
  );
}
