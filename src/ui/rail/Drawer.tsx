import type { ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useApp, useSelect } from '../store/react';
import { Icon } from '../widgets/icons';
import { Rail } from './Rail';

/** The controls on a page that has no room for them beside the charts. */
export function Drawer(): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const open = useSelect((state) => state.drawerOpen);
  return (
    <ModalOverlay
      className="modal-overlay drawer-overlay"
      isOpen={open}
      isDismissable
      onOpenChange={(isOpen) => store.setState({ drawerOpen: isOpen })}
    >
      <Modal className="drawer">
        <Dialog className="drawer-dialog">
          <header className="drawer-header">
            <Heading slot="title" level={2}>
              {t('drawer.title')}
            </Heading>
            <Button slot="close" className="button icon" aria-label={t('drawer.close')}>
              <Icon name="close" />
            </Button>
          </header>
          <div className="rail">
            <Rail />
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
