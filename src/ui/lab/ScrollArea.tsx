import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Holds a table that scrolls sideways on a narrow page, and can be reached by keyboard for that. */
export function ScrollArea({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const label = t('lab.scrolls', { title });
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="lab-scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
