import type { MouseEvent, ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Boundary } from '../failure/Boundary';
import { useApp, useSelect } from '../store/react';
import { LanguageButton } from '../topbar/LanguageButton';
import { ThemeButton } from '../topbar/ThemeButton';
import '../topbar/topbar.css';
import { Icon } from '../widgets/icons';
import { CONTENTS } from './contents';
import { PageNav } from './PageNav';
import type { SidePage } from './route';
import './pages.css';

/** What all pages but the playground have in common: the bar at the top, the heading, and loading on demand. */
export function SidePageFrame({ page }: { page: SidePage }): ReactNode {
  const { t } = useTranslation();
  const Content = CONTENTS[page];
  return (
    <>
      <a className="skip-link" href="#content" onClick={focusContent}>
        {t('app.skipToPage')}
      </a>
      <header className="topbar side-topbar">
        <PageNav />
        <div className="topbar-end">
          <SharePageButton />
          <LanguageButton />
          <ThemeButton />
        </div>
      </header>
      <main id="content" className="side-page" tabIndex={-1}>
        <h1 className="page-heading" tabIndex={-1}>
          {t(`page.${page}`)}
        </h1>
        <Boundary>
          <Content />
        </Boundary>
      </main>
    </>
  );
}

function SharePageButton(): ReactNode {
  const { t } = useTranslation();
  const { controller, navigator } = useApp();
  const copied = useSelect((state) => state.copied);
  return (
    <Button className="button share" onPress={() => void controller.sharePage(navigator.url())}>
      <Icon name={copied ? 'check' : 'link'} />
      <span className="button-text">{t(copied ? 'share.copied' : 'share.button')}</span>
    </Button>
  );
}

/** The address holds the state of the page, so the link must not put its own hash there. */
function focusContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
