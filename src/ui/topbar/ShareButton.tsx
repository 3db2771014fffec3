import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useController, useSelect } from '../store/react';
import { Icon } from '../widgets/icons';

export function ShareButton(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const copied = useSelect((state) => state.copied);
  return (
    <Button className="button share" onPress={() => void controller.share()}>
      <Icon name={copied ? 'check' : 'link'} />
      <span className="button-text">{copied ? t('share.copied') : t('share.button')}</span>
    </Button>
  );
}
