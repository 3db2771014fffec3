import { use, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { parseFormat } from '../../numerics/formats';
import { hashOfNumber } from '../lab/link';
import { HashLink } from '../pages/HashLink';
import { InValueGroup } from './ValueGroup';
import './value-link.css';

interface Props {
  readonly value: number;
  /** The format in which the number lives here. */
  readonly format: string;
  readonly tabIndex?: 0;
  readonly className?: string;
  /** The number as it is written here. */
  readonly children: ReactNode;
}

/** A number that opens in the format lab. Within a ValueGroup arrow keys lead to it, outside it is a tab stop. */
export function ValueLink({ value, format, tabIndex, className, children }: Props): ReactNode {
  const { t } = useTranslation();
  const grouped = use(InValueGroup);
  const hash = useMemo(() => hashOfNumber(value, format), [value, format]);
  const name = t('value.open', { format: parseFormat(format).label });
  return (
    <HashLink
      hash={hash}
      className={className ? `value-link ${className}` : 'value-link'}
      title={name}
      tabIndex={tabIndex ?? (grouped ? -1 : 0)}
    >
      {children}
    </HashLink>
  );
}
