import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useController, useSelect } from '../store/react';
import { Choice } from '../widgets/Choice';

const SPEEDS = [2, 10, 50, 200] as const;

/** Upper limit of steps per second. */
export function SpeedChoice(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const speed = useSelect((state) => state.speed);
  const options = [
    ...SPEEDS.map((count) => ({ id: String(count), text: t('play.speedSteps', { count }) })),
    { id: 'max', text: t('play.speedMax') },
  ];
  return (
    <Choice
      className="speed"
      bare
      label={t('play.speed')}
      value={speed === null ? 'max' : String(speed)}
      options={options}
      onChange={(id) => controller.setSpeed(id === 'max' ? null : Number(id))}
    />
  );
}
