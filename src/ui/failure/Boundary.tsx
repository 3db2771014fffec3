import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary';
import { useTranslation } from 'react-i18next';
import { useSelect } from '../store/react';
import { CopyReport } from './CopyReport';
import { messageOf, stackOf } from './messages';
import { useReload } from './reload';
import './failure.css';

/**
 * Keeps what breaks in one part of the page from taking the others along. The run is none of this: it goes on in its
 * worker and in the store. Another run on show is another chance.
 */
export function Boundary({ children }: { readonly children: ReactNode }): ReactNode {
  const showing = useSelect((state) => state.showing);
  return (
    <ErrorBoundary resetKeys={[showing]} FallbackComponent={PartFailure}>
      {children}
    </ErrorBoundary>
  );
}

function PartFailure({ error, resetErrorBoundary }: FallbackProps): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="panel failure" role="alert">
      <p>{t('failure.part')}</p>
      <p className="mono problem-message">{messageOf(error)}</p>
      <div className="failure-buttons">
        <CopyReport message={stackOf(error)} />
        <Button className="button" onPress={() => resetErrorBoundary()}>
          {t('failure.show')}
        </Button>
      </div>
    </section>
  );
}

/** The last resort, around everything. */
export function PageBoundary({ children }: { readonly children: ReactNode }): ReactNode {
  return <ErrorBoundary FallbackComponent={PageFailure}>{children}</ErrorBoundary>;
}

function PageFailure({ error, resetErrorBoundary }: FallbackProps): ReactNode {
  const { t } = useTranslation();
  const reload = useReload();
  return (
    <main className="failure page-failure" role="alert">
      <h1>{t('failure.title')}</h1>
      <p>{t('failure.page')}</p>
      <p className="mono problem-message">{messageOf(error)}</p>
      <div className="failure-buttons">
        <CopyReport message={stackOf(error)} />
        <Button className="button" onPress={reload}>
          {t('failure.reload')}
        </Button>
        <Button className="button primary" onPress={() => resetErrorBoundary()}>
          {t('failure.show')}
        </Button>
      </div>
    </main>
  );
}
