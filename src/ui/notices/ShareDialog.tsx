import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useApp, useSelect } from '../store/react';
import { TextField } from '../widgets/TextField';

/** The link to copy by hand, where the browser keeps pages from the clipboard. */
export function ShareDialog(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const url = useSelect((state) => state.shareUrl);
  return (
    <ModalOverlay
      className="modal-overlay"
      isOpen={url !== null}
      isDismissable
      onOpenChange={(open) => !open && store.setState({ shareUrl: null })}
    >
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {t('share.title')}
          </Heading>
          <p>{t('share.manual')}</p>
          <TextField label={t('share.field')} value={url ?? ''} readOnly onChange={() => undefined} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
