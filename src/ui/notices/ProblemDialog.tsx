import { useState, type ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { serialize } from '../../experiment/codec';
import { useApp, useController, useSelect } from '../store/react';
import type { AppState, Problem } from '../store/state';
import { experimentTitle } from '../topbar/preset-name';

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
  const { kind, code, message, before, cpuMayHelp } = problem;
  return (
    <>
      <Heading slot="title" level={2}>
        {t(`problem.title.${kind}`)}
      </Heading>
      <p>{t(`problem.${kind}.${code}`)}</p>
      <p className="mono problem-message">{message}</p>
      <div className="dialog-buttons">
        <CopyReport message={message} />
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
        {cpuMayHelp && (
          <Button className="button" onPress={() => controller.recover('cpu')}>
            {t('problem.cpu')}
          </Button>
        )}
        <Button className="button primary" onPress={() => controller.recover('auto')}>
          {t('problem.again')}
        </Button>
      </div>
    </>
  );
}

const reportOf = (message: string, { experiment, loaded, views }: AppState): string =>
  [
    message,
    serialize(experiment),
    `step ${views.counters.step}`,
    ...(loaded ? [loaded.backend.adapter, ...loaded.backend.notes] : []),
    navigator.userAgent,
  ].join('\n');

function CopyReport({ message }: { message: string }): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const [outcome, setOutcome] = useState<'copy' | 'copied' | 'copyFailed'>('copy');
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(reportOf(message, store.getState())).then(
      () => setOutcome('copied'),
      () => setOutcome('copyFailed'),
    );
  return (
    <Button className="button" onPress={() => void copy()}>
      {t(`problem.${outcome}`)}
    </Button>
  );
}
