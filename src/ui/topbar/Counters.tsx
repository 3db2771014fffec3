import type { ReactNode } from 'react';
import { Group } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { countText } from '../i18n';
import { useSelect } from '../store/react';

/** Room is kept for numbers of so many digits, so that nothing moves while they count. */
const ROOM_FOR = 99_999;

/** Step, epoch, and the optimizer steps of the selected lane with those it skipped. */
export function Counters(): ReactNode {
  const { t } = useTranslation();
  const step = useSelect((state) => state.views.counters.step);
  const epoch = useSelect((state) => state.views.counters.epoch);
  const skipped = useSelect((state) => state.views.counters.skipped[state.selectedLane] ?? 0);
  const widest = countText(ROOM_FOR);
  const room = [
    t('counter.step', { step: widest }),
    t('counter.epoch', { epoch: widest }),
    t('counter.skipped', { count: ROOM_FOR, skipped: widest }),
  ];
  const optimizer = t('counter.optimizer', { steps: widest });
  return (
    <Group
      className="counters tabular"
      aria-label={t('counter.group')}
      data-step={step}
      data-room={roomText(room)}
      data-room-wide={roomText([...room, optimizer])}
    >
      <span className="counters-line">
        <span className="counter-step">{t('counter.step', { step: countText(step) })}</span>
        <span className="counter-epoch">{t('counter.epoch', { epoch: countText(epoch) })}</span>
        <span className="counter-optimizer">
          {t('counter.optimizer', { steps: countText(step - skipped) })}
        </span>
        {skipped > 0 && (
          <span className="counter-skipped">
            {t('counter.skipped', { count: skipped, skipped: countText(skipped) })}
          </span>
        )}
      </span>
    </Group>
  );
}

/** A line of counters as CSS sets it, which breaks between them only. */
const roomText = (counters: readonly string[]): string =>
  counters.map((counter) => counter.replaceAll(' ', '\u00a0')).join(' · ');
