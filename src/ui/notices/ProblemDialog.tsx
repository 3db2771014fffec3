import type { ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { CopyReport } from '../failure/CopyReport';
import { useController, useSelect } from '../store/react';
import type { Problem } from '../store/state';
import { experimentTitle } from '../topbar/preset-name';
import { messageText } from '../../i18n/said';

/** The engine stopped or refused: what happened, and what can be done about that. */
export function ProblemDialog(): ReactNode {
  const controller = useController();
  const problem = useSelect((state) => (state.problemOpen ? state.problem : null));
  return (
    <ModalOverlay
      className="modal-overlay"
      isOpen={problem !== null}
      onOpenChange={(open) => !open && controller.closeProblem()}
    >
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          {problem && <Content problem={problem} />}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Content({ problem }: { problem: Problem }): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const { kind, code, message, before, instead } = problem;
  const isAutomatic = useSelect((state) => state.backendChoice === 'auto');
  return (
    <>
      <Heading slot="title" level={2}>
        {t(`problem.title.${kind}`)}
      </Heading>
      <p>{t(`problem.${kind}.${code}`)}</p>
      <p className="mono problem-message">{messageText(message)}</p>
      <div className="dialog-buttons">
        <CopyReport message={messageText(message)} />
        <Button className="button" onPress={() => controller.closeProblem()}>
          {t('problem.close')}
        </Button>
        {before && (
          <Button className="button" onPress={() => controller.goBack()}>
            {t('problem.back', { name: experimentTitle(before) })}
          </Button>
        )}
        {code === 'unreachable' && (
          // The address holds the experiment.
          <Button className="button" onPress={() => window.location.reload()}>
            {t('problem.reload')}
          </Button>
        )}
        {instead && (
          <Button className="button" onPress={() => controller.recover(instead)}>
            {t(`problem.instead.${instead}`)}
          </Button>
        )}
        {!isAutomatic && code !== 'unreachable' && (
          <Button className="button" onPress={() => void controller.chooseBackend('auto')}>
            {t('problem.automatic')}
          </Button>
        )}
        <Button className="button primary" onPress={() => controller.recover()}>
          {t('problem.again')}
        </Button>
      </div>
    </>
  );
}
