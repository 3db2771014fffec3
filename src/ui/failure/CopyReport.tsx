import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { serialize } from '../../experiment/codec';
import { useApp } from '../store/react';
import type { AppState } from '../store/state';
import { messageText } from '../../i18n/said';

const reportOf = (message: string, { experiment, loaded, views }: AppState): string =>
  [
    message,
    serialize(experiment),
    `step ${views.counters.step}`,
    ...(loaded ? [loaded.backend.adapter, ...loaded.backend.notes.map(messageText)] : []),
    navigator.userAgent,
  ].join('\n');

/** Puts a failure and the run in which it happened on the clipboard. */
export function CopyReport({ message }: { readonly message: string }): ReactNode {
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
