import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly id: string;
  readonly htmlFor?: string;
  readonly children: string;
  /** Changing the field restarts the run. */
  readonly restarts?: boolean;
  /** The value is not the default; a double click on the label brings the default back. */
  readonly changed?: boolean;
  readonly onDefault?: () => void;
}

export function FieldLabel({ id, htmlFor, children, restarts, changed, onDefault }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="field-label" onDoubleClick={onDefault}>
      <label id={id} htmlFor={htmlFor}>
        {children}
      </label>
      {restarts && (
        <span className="restart" title={t('rail.restarts')} aria-hidden="true">
          ⟲
        </span>
      )}
      {changed && (
        <button
          type="button"
          className="changed-dot"
          aria-label={t('rail.toDefault', { label: children })}
          title={t('rail.changed')}
          onClick={onDefault}
        />
      )}
    </span>
  );
}
