/** The charts over steps, a chunk of their own: they bring Recharts along. */
import type { ReactNode } from 'react';
import { Boundary } from '../failure/Boundary';
import { LossChart } from '../loss/LossChart';
import { ScaleChart } from '../scale/ScaleChart';
import { UnderflowChart } from '../underflow/UnderflowChart';

export default function Charts(): ReactNode {
  return (
    <>
      <Boundary>
        <ScaleChart />
      </Boundary>
      <Boundary>
        <UnderflowChart />
      </Boundary>
      <Boundary>
        <LossChart />
      </Boundary>
    </>
  );
}
