import { Activity, useState, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Boundary } from './failure/Boundary';
import { LiveRegion } from './notices/LiveRegion';
import { ShareDialog } from './notices/ShareDialog';
import { Playground } from './Playground';
import { SidePageFrame } from './pages/SidePageFrame';
import { usePageChange } from './pages/use-page-change';
import { usePage } from './store/react';

/** The open page. The playground stays behind the others as it was left, without costing a frame. */
export function App(): ReactNode {
  const page = usePage();
  // With another language everything is drawn anew, also what takes its texts from functions.
  const { i18n } = useTranslation();
  const [visited, setVisited] = useState(false);
  if (page === 'playground' && !visited) setVisited(true);
  usePageChange(page);
  return (
    <I18nProvider locale={i18n.language}>
      {visited && (
        <Activity mode={page === 'playground' ? 'visible' : 'hidden'}>
          <Playground />
        </Activity>
      )}
      {page !== 'playground' && <SidePageFrame key={page} page={page} />}
      <Boundary>
        <ShareDialog />
      </Boundary>
      <LiveRegion />
    </I18nProvider>
  );
}
