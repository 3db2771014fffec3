import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isGradient } from '../../analysis/records';
import { useController, useSelect } from '../store/react';
import { Choice } from '../widgets/Choice';

const GROUPS = ['all', 'parameters', 'activations'] as const;

/** Name of what the ruler sums. */
export function useSitesName(): string {
  const { t } = useTranslation();
  const sites = useSelect((state) => state.rulerSites);
  const name = useSelect((state) =>
    typeof state.rulerSites === 'number' ? state.loaded?.sites[state.rulerSites]?.name : undefined,
  );
  return typeof sites === 'number' ? (name ?? '') : t(`ruler.${sites}`);
}

/** Which gradients the ruler sums. */
export function SitesChoice(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const sites = useSelect((state) => state.loaded?.sites);
  const chosen = useSelect((state) => state.rulerSites);
  const options = useMemo(
    () => [
      ...GROUPS.map((id) => ({ id: id as string, text: t(`ruler.${id}`) })),
      ...(sites ?? []).filter(isGradient).map(({ id, name }) => ({ id: String(id), text: name })),
    ],
    [sites, t],
  );
  return (
    <Choice
      className="ruler-sites"
      bare
      label={t('ruler.sites')}
      value={String(chosen)}
      options={options}
      onChange={(id) => controller.look({ rulerSites: GROUPS.find((group) => group === id) ?? Number(id) })}
    />
  );
}
