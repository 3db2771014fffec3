import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useApp, useSelect } from '../store/react';
import { Toggle } from '../widgets/Toggle';
import './help.css';

export function HelpDialog(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const open = useSelect((state) => state.helpOpen);
  const shortcuts = useSelect((state) => state.shortcuts);
  const keys = [
    [t('help.spaceKey'), t('help.keys.space')],
    ['.', t('help.keys.period')],
    ['R', t('help.keys.r')],
    ['[ ]', t('help.keys.brackets')],
    ['C', t('help.keys.c')],
    ['?', t('help.keys.question')],
    ['Esc', t('help.keys.escape')],
  ];
  return (
    <ModalOverlay
      className="modal-overlay"
      isOpen={open}
      isDismissable
      onOpenChange={(isOpen) => store.setState({ helpOpen: isOpen })}
    >
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {t('help.title')}
          </Heading>
          <dl className="keys">
            {keys.map(([key, text]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <Toggle
            label={t('help.switch')}
            value={shortcuts}
            onChange={(value) => store.setState({ shortcuts: value })}
          />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
