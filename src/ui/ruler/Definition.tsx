import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const SENTENCES = ['all', 'seen', 'reference', 'estimate'] as const;

/** What the numbers of the ruler are, in words, folded away like the table beside it. */
export function Definition(): ReactNode {
  const { t } = useTranslation();
  const title = t('ruler.definition.title');
  return (
    <details className="data-table ruler-definition">
      <summary aria-label={title} title={title}>
        <span aria-hidden="true">?</span>
      </summary>
      <div className="data-table-body">
        <h3>{title}</h3>
        {SENTENCES.map((name) => (
          <p key={name}>{t(`ruler.definition.${name}`)}</p>
        ))}
      </div>
    </details>
  );
}
