import type { MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LazyCharts } from './charts/LazyCharts';
import { Boundary } from './failure/Boundary';
import { HelpDialog } from './help/HelpDialog';
import { useShortcuts } from './help/use-shortcuts';
import { LayersTable } from './layers/LayersTable';
import { Headline } from './notices/Headline';
import { LambdaNote } from './notices/LambdaNote';
import { Notices } from './notices/Notices';
import { ProblemDialog } from './notices/ProblemDialog';
import { Drawer } from './rail/Drawer';
import { Rail } from './rail/Rail';
import { Ruler } from './ruler/Ruler';
import { TopBar } from './topbar/TopBar';
import { LazyUpdates } from './updates/LazyUpdates';
import { useMedia } from './use-media';

/** The page on which lanes train. */
export function Playground(): ReactNode {
  const { t } = useTranslation();
  const wide = useMedia('(min-width: 68.75em)');
  useShortcuts();
  return (
    <>
      <a className="skip-link" href="#charts" onClick={focusCharts}>
        {t('app.skipToCharts')}
      </a>
      <Boundary>
        <TopBar withDrawer={!wide} />
      </Boundary>
      <div className="frame">
        {wide ? (
          <aside className="rail" aria-label={t('rail.label')}>
            <Boundary>
              <Rail />
            </Boundary>
          </aside>
        ) : (
          <Boundary>
            <Drawer />
          </Boundary>
        )}
        <main id="charts" tabIndex={-1}>
          <Boundary>
            <Headline />
          </Boundary>
          <Boundary>
            <LambdaNote />
            <Notices />
          </Boundary>
          <Boundary>
            <Ruler />
          </Boundary>
          <div className="chart-row">
            <LazyCharts />
          </div>
          <Boundary>
            <LazyUpdates />
          </Boundary>
          <Boundary>
            <LayersTable />
          </Boundary>
        </main>
      </div>
      <Boundary>
        <HelpDialog />
      </Boundary>
      <Boundary>
        <ProblemDialog />
      </Boundary>
    </>
  );
}

/** The address holds the experiment, so the link must not put its own hash there. */
function focusCharts(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('charts')?.focus();
}
