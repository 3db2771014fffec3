import type { ReactNode } from 'react';
import { Group } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { countText } from '../i18n';
import { useSelect } from '../store/react';

/** Step, epoch, and the optimizer steps of the selected lane with those it skipped. */
export function Counters(): ReactNode {
  const { t } = useTranslation();
  const step = useSelect((state) => state.views.counters.step);
  const epoch = useSelect((state) => state.views.counters.epoch);
  const skipped = useSelect((state) => state.views.counters.skipped[state.selectedLane] ?? 0);
  return (
    <Group className="counters tabular" aria-label={t('counter.group')} data-step={step}>
      <span className="counter-step">{t('counter.step', { step: countText(step) })}</span>
      <span className="counter-epoch">{t('counter.epoch', { epoch: countText(epoch) })}</span>
      <span className="counter-optimizer">
        {t('counter.optimizer', { steps: countText(step - skipped) })}{' '}
        {skipped > 0 && <span className="counter-skipped">({t('counter.skipped', { count: skipped })})</span>}
      </span>
    </Group>
  );
}
