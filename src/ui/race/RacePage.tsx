import { messageText } from '../../i18n/said';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Boundary } from '../failure/Boundary';
import { DemandPanel } from './DemandPanel';
import { RacersPanel } from './RacersPanel';
import { RatePanel } from './RatePanel';
import { ResultsPanel } from './ResultsPanel';
import { RaceProvider, useRace } from './use-race';
import '../lab/lab.css';
import './race.css';

/** The page on which loss scalers meet one sequence of overflows. */
export default function RacePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <RaceProvider>
      <p className="race-lead">{t('race.lead')}</p>
      <LinkNotice />
      <Boundary>
        <DemandPanel />
      </Boundary>
      <Boundary>
        <ResultsPanel />
      </Boundary>
      <div className="race-row">
        <Boundary>
          <RacersPanel />
        </Boundary>
        <Boundary>
          <RatePanel />
        </Boundary>
      </div>
    </RaceProvider>
  );
}

/** What was wrong with the link, until something is changed. */
function LinkNotice(): ReactNode {
  const { t } = useTranslation();
  const { notices } = useRace();
  if (notices.length === 0) return null;
  const items = notices.map(({ message }) => messageText(message)).join(' · ');
  return <output className="lab-notice">{t('notice.link', { items })}</output>;
}
