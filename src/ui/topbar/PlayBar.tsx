import type { ReactNode } from 'react';
import { Button, Group } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useController, useSelect } from '../store/react';
import { Icon } from '../widgets/icons';

export function PlayBar(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const running = useSelect((state) => state.running);
  return (
    <Group className="playbar" aria-label={t('play.group')}>
      <Button className="button strong" onPress={() => controller.reset()}>
        <Icon name="reset" />
        {t('play.reset')}
      </Button>
      <Button
        className="button primary play"
        aria-pressed={running}
        onPress={() => (running ? controller.pause() : controller.start())}
      >
        <Icon name={running ? 'pause' : 'play'} />
        {running ? t('play.pause') : t('play.run')}
      </Button>
      <Button className="button strong" onPress={() => controller.step()}>
        <Icon name="step" />
        {t('play.step')}
      </Button>
    </Group>
  );
}
