import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { StateName } from '../../training/scalers';
import { countText } from '../i18n';
import { useSelect } from '../store/react';

/** What the selected lane's scaler remembers besides its scale, after the newest step. */
export function ScalerMemory(): ReactNode {
  const { t } = useTranslation();
  const memory = useSelect(({ views, selectedLane }) =>
    views.scale?.lane === selectedLane ? views.scale.memory : null,
  );
  if (memory === null) return null;
  const words = Object.entries<number>(memory).filter(([name]) => name !== 'scale');
  if (words.length === 0) return null;
  return (
    <dl className="scaler-memory tabular">
      {words.map(([name, value]) => (
        <div key={name}>
          <dt>{t(`scaler.state.${name as Exclude<StateName, 'scale'>}`)}</dt>
          <dd>{countText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
