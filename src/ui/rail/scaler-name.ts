import { useTranslation } from 'react-i18next';
import { scalerTitle } from '../../experiment/lane-name';
import { messageText } from '../../i18n/said';
import type { ScalerKind } from '../../training/scalers';

/** Those that the page calls something shorter, or that no framework has a name for. */
const OURS = ['none', 'static', 'dynamic', 'custom'] as const;

/** What a scaler is called in lists: a framework's name is the same in every language. */
export function useScalerName(): (kind: ScalerKind) => string {
  const { t } = useTranslation();
  return (kind) => {
    const own = OURS.find((each) => each === kind);
    return own === undefined ? messageText(scalerTitle(kind)) : t(`scaler.${own}`);
  };
}
