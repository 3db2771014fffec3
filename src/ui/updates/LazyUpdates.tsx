import type { ReactNode } from 'react';
import { lazyPart } from '../failure/lazy-part';
import { useSelect } from '../store/react';
import { PanelStatus } from '../widgets/PanelStatus';

const panel = lazyPart(
  () => import('./UpdatesPanel'),
  () => (
    <div className="panel updates">
      <PanelStatus />
    </div>
  ),
);

/** The panel of updates, where some lane stores weights or the optimizer's memory in a format. Its chunk brings Recharts. */
export function LazyUpdates(): ReactNode {
  const counted = useSelect(({ loaded }) => loaded?.sites.some(({ role }) => role === 'update') ?? false);
  return counted ? <panel.Part /> : null;
}
