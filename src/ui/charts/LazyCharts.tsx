import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

const loading = import('./index');

/**
 * The charts, as soon as their chunk is there. Not React.lazy: a suspended tree is tried again at a priority that
 * the steady stream of a run's updates can hold off for many seconds.
 */
export function LazyCharts(): ReactNode {
  const [Charts, setCharts] = useState<ComponentType | null>(null);
  useEffect(() => {
    void loading.then((charts) => setCharts(() => charts.Charts));
  }, []);
  if (Charts) return <Charts />;
  return [0, 1, 2].map((place) => <div key={place} className="panel" />);
}
