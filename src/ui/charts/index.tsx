/** The charts over steps, in a chunk of their own: they bring Recharts along. */
export { LossChart } from '../loss/LossChart';
export { ScaleChart } from '../scale/ScaleChart';
export { UnderflowChart } from '../underflow/UnderflowChart';
