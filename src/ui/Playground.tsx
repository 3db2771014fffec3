import type { MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LazyCharts } from './charts/LazyCharts';
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
      <TopBar withDrawer={!wide} />
      <div className="frame">
        {wide ? (
          <aside className="rail" aria-label={t('rail.label')}>
            <Rail />
          </aside>
        ) : (
          <Drawer />
        )}
        <main id="charts" tabIndex={-1}>
          <Headline />
          <LambdaNote />
          <Notices />
          <Ruler />
          <div className="chart-row">
            <LazyCharts />
          </div>
          <LayersTable />
        </main>
      </div>
      <HelpDialog />
      <ProblemDialog />
    </>
  );
}

/** The address holds the experiment, so the link must not put its own hash there. */
function focusCharts(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('charts')?.focus();
}
