import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp, usePage } from '../store/react';
import { HashLink } from './HashLink';
import { PAGES, type Page } from './route';
import './pages.css';

/** The product's name and the way to its pages. On the playground the name is the heading of the page. */
export function PageNav(): ReactNode {
  const { t } = useTranslation();
  const open = usePage();
  return (
    <div className="brand">
      {open === 'playground' ? (
        <h1 className="brand-name" tabIndex={-1}>
          {t('app.title')}
        </h1>
      ) : (
        <p className="brand-name">{t('app.title')}</p>
      )}
      <nav className="page-nav" aria-label={t('page.navigation')}>
        {PAGES.map((page) => (
          <PageLink key={page} page={page} isOpen={page === open} />
        ))}
      </nav>
    </div>
  );
}

function PageLink({ page, isOpen }: { page: Page; isOpen: boolean }): ReactNode {
  const { t } = useTranslation();
  const { navigator } = useApp();
  return (
    <HashLink
      hash={navigator.hashOf(page)}
      aria-label={t(`page.${page}`)}
      aria-current={isOpen ? 'page' : undefined}
    >
      {t(`page.short.${page}`)}
    </HashLink>
  );
}
