import type { ReactNode } from 'react';
import { lazyPart } from '../failure/lazy-part';
import { PanelStatus } from '../widgets/PanelStatus';

const EmptyPanels = (): ReactNode =>
  [0, 1, 2].map((place) => (
    <div key={place} className="panel">
      <PanelStatus />
    </div>
  ));

const charts = lazyPart(() => import('./index'), EmptyPanels);

/** The charts, as soon as their chunk is there. It is fetched while the rest of the page is drawn. */
export const LazyCharts = charts.Part;
charts.preload();
