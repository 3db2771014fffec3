import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { messageOf } from './messages';
import { useReload } from './reload';
import './failure.css';

interface Props {
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** A chunk did not come: the connection is gone, or a new version of the page has taken its place on the server. */
export function LoadFailure({ error, onRetry }: Props): ReactNode {
  const { t } = useTranslation();
  const reload = useReload();
  return (
    <section className="panel failure" role="alert">
      <p>{t('failure.load')}</p>
      <p className="mono problem-message">{messageOf(error)}</p>
      <div className="failure-buttons">
        <Button className="button" onPress={reload}>
          {t('failure.reload')}
        </Button>
        <Button className="button primary" onPress={onRetry}>
          {t('failure.again')}
        </Button>
      </div>
    </section>
  );
}
