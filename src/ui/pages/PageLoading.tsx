import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What a page shows until its chunk is there. */
export function PageLoading(): ReactNode {
  const { t } = useTranslation();
  return <p className="panel-empty">{t('page.loading')}</p>;
}
