/** What can be chosen by hand in the table of layers. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteInfo } from '../../engine/protocol';
import { FORMATS } from '../../numerics/formats';
import type { Option } from '../widgets/Choice';

/** The lane's autocast decides. */
export const BY_TABLE = 'table';

/** What the optimizer writes is not the business of autocast, and has its own settings. */
const ROLES: readonly SiteInfo['role'][] = [
  'input',
  'weight',
  'bias',
  'output',
  'loss',
  'activation gradient',
  'gradient operand',
  'parameter gradient',
];

export const isChosenByHand = ({ role }: SiteInfo): boolean => ROLES.includes(role);

export function useFormatOptions(): readonly Option<string>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: BY_TABLE, text: t('layers.byHand.table') },
      ...Object.values(FORMATS).map(({ name, label }) => ({ id: name, text: label })),
    ],
    [t],
  );
}
