import { useState, type ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { serialize } from '../../experiment/codec';
import { useApp, useController, useSelect } from '../store/react';
import type { Problem } from '../store/state';

/** The engine stopped or refused: what happened, and what can be done. */
export function ProblemDialog(): ReactNode {
  const problem = useSelect((state) => state.problem);
  return (
    <ModalOverlay className="modal-overlay" isOpen={problem !== null} isKeyboardDismissDisabled>
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
  const { store } = useApp();
  const [copied, setCopied] = useState(false);
  const report = (): string => {
    const { experiment, loaded, views } = store.getState();
    return [
      problem.message,
      serialize(experiment),
      `step ${views.counters.step}`,
      ...(loaded ? [loaded.backend.adapter, ...loaded.backend.notes] : []),
      navigator.userAgent,
    ].join('\n');
  };
  return (
    <>
      <Heading slot="title" level={2}>
        {t(problem.kind === 'lost' ? 'problem.lostTitle' : 'problem.failedTitle')}
      </Heading>
      <p>{t(problem.kind === 'lost' ? 'problem.lostText' : 'problem.failedText')}</p>
      <p className="mono problem-message">{problem.message}</p>
      <div className="dialog-buttons">
        <Button
          className="button"
          onPress={() => void navigator.clipboard.writeText(report()).then(() => setCopied(true))}
        >
          {copied ? t('problem.copied') : t('problem.copy')}
        </Button>
        <Button className="button" onPress={() => controller.recover('cpu')}>
          {t('problem.cpu')}
        </Button>
        <Button className="button primary" onPress={() => controller.recover('auto')}>
          {t('problem.again')}
        </Button>
      </div>
    </>
  );
}
