import { messageText } from '../../i18n/said';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Boundary } from '../failure/Boundary';
import { ArithmeticPanel } from './arithmetic/ArithmeticPanel';
import { BlockPanel } from './block/BlockPanel';
import { ComparePanel } from './compare/ComparePanel';
import { FormatsPanel } from './formats/FormatsPanel';
import { LinePanel } from './line/LinePanel';
import { NumberPanel } from './number/NumberPanel';
import { SumPanel } from './sum/SumPanel';
import { DeferredLab, LabProvider, useLab } from './use-lab';
import './lab.css';

/** The page on which one sees a number format. */
export default function LabPage(): ReactNode {
  return (
    <LabProvider>
      <LinkNotice />
      <Boundary>
        <NumberPanel />
      </Boundary>
      <Boundary>
        <LinePanel />
      </Boundary>
      <DeferredLab>
        <Boundary>
          <FormatsPanel />
        </Boundary>
        <Boundary>
          <ArithmeticPanel />
        </Boundary>
        <Boundary>
          <SumPanel />
        </Boundary>
        <Boundary>
          <BlockPanel />
        </Boundary>
        <Boundary>
          <ComparePanel />
        </Boundary>
      </DeferredLab>
    </LabProvider>
  );
}

/** What was wrong with the link, until something is changed. */
function LinkNotice(): ReactNode {
  const { t } = useTranslation();
  const { notices } = useLab();
  if (notices.length === 0) return null;
  const items = notices.map(({ message }) => messageText(message)).join(' · ');
  return <output className="lab-notice">{t('notice.link', { items })}</output>;
}
