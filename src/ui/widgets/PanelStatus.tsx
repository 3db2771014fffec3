import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../store/react';
import { experimentTitle } from '../topbar/preset-name';

/** What a panel says while it has nothing to show: which experiment is prepared, or did not start. */
export function PanelStatus(): ReactNode {
  const { t } = useTranslation();
  const experiment = useSelect((state) => state.experiment);
  const failed = useSelect((state) => state.phase === 'failed');
  const name = experimentTitle(experiment);
  return <p className="panel-empty">{t(failed ? 'phase.failed' : 'phase.preparing', { name })}</p>;
}
