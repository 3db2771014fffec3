/** The charts over steps, a chunk of their own: they bring Recharts along. */
import type { ReactNode } from 'react';
import { LossChart } from '../loss/LossChart';
import { ScaleChart } from '../scale/ScaleChart';
import { UnderflowChart } from '../underflow/UnderflowChart';

export function Charts(): ReactNode {
  return (
    <>
      <ScaleChart />
      <UnderflowChart />
      <LossChart />
    </>
  );
}
