import { useTranslation } from 'react-i18next';
import { fieldPower, fieldText } from '../../analysis/numbers';
import { numbersOf, scalerOf, type ScalerSettings } from '../../training/scalers';
import { useScalerName } from '../rail/scaler-name';
import type { ScalerParameter } from '../../training/scalers/scaler';

/** `DeepSpeed, consecutive_hysteresis=1`: the name, and what the framework calls the numbers that were changed. */
export function useRacerName(): (settings: ScalerSettings) => string {
  const { t } = useTranslation();
  const nameOf = useScalerName();
  return (settings) => {
    const values = numbersOf(settings);
    const changed = scalerOf(settings.kind).parameters.filter(({ name, usual }) => values[name] !== usual);
    const numbers = changed.map((each) => `${each.called}=${valueText(each, values[each.name])}`);
    return [nameOf(settings.kind), ...numbers].join(t('race.comma'));
  };
}

/** As the framework's language writes it, but for powers of two. */
function valueText({ as }: ScalerParameter, value: number): string {
  if (as === 'switch') return value === 0 ? 'False' : 'True';
  return as === 'power of two' ? fieldPower(value) : fieldText(value);
}
