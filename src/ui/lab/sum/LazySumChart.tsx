import type { ReactNode } from 'react';
import { lazyPart } from '../../failure/lazy-part';

const EmptyChart = (): ReactNode => <div className="sum-chart" />;

/** The chart brings Recharts along, so it comes after the rest of the page. */
export const LazySumChart = lazyPart(() => import('./SumChart'), EmptyChart).Part;
