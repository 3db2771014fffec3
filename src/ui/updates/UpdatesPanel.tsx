import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { WINDOW_STEPS } from '../../analysis/window';
import { useSelect } from '../store/react';
import { Panel } from '../widgets/Panel';
import { PanelStatus } from '../widgets/PanelStatus';
import { LostChart } from './LostChart';
import { UpdatesTable } from './UpdatesTable';
import { WeightGlass } from './WeightGlass';
import './updates.css';

/** What becomes of the updates of the weights: over time, by tensor, and of one weight. */
export default function UpdatesPanel(): ReactNode {
  const { t } = useTranslation();
  const view = useSelect((state) => state.views.updates);
  const loaded = useSelect((state) => state.loaded);
  return (
    <Panel className="updates" title={t('updates.title')} note={t('updates.note', { count: WINDOW_STEPS })}>
      {view && loaded ? (
        <div className="updates-parts">
          <LostChart view={view} loaded={loaded} />
          <WeightGlass view={view} loaded={loaded} />
          <UpdatesTable view={view} />
        </div>
      ) : (
        <PanelStatus />
      )}
    </Panel>
  );
}
