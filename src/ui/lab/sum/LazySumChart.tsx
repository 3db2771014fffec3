import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react';

const SumChart = lazy(() => import('./SumChart'));

/** The chart brings Recharts along, so it comes after the rest of the page. */
export function LazySumChart(props: ComponentProps<typeof SumChart>): ReactNode {
  return (
    <Suspense fallback={<div className="sum-chart" />}>
      <SumChart {...props} />
    </Suspense>
  );
}
