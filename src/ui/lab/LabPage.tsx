import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
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
      <NumberPanel />
      <LinePanel />
      <DeferredLab>
        <FormatsPanel />
        <ArithmeticPanel />
        <SumPanel />
        <BlockPanel />
        <ComparePanel />
      </DeferredLab>
    </LabProvider>
  );
}

/** What was wrong with the link, until something is changed. */
function LinkNotice(): ReactNode {
  const { t } = useTranslation();
  const { notices } = useLab();
  if (notices.length === 0) return null;
  const items = notices.map(({ message }) => message).join(' · ');
  return <output className="lab-notice">{t('notice.link', { items })}</output>;
}
