import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldPower, fieldText } from '../../analysis/numbers';
import { BOUNDS } from '../../experiment/bounds';
import { defaultScaler } from '../../experiment/defaults';
import type { ScalerConfig } from '../../experiment/experiment';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';

export const SCALER_KINDS = ['none', 'static', 'dynamic'] as const satisfies readonly ScalerConfig['kind'][];

const doubled = (value: number, direction: 1 | -1, large: boolean): number =>
  value * 2 ** (direction * (large ? 4 : 1));

interface Props {
  readonly scaler: ScalerConfig;
  readonly onChange: (scaler: ScalerConfig) => void;
}

/** A lane's scaler with the numbers that it starts with. */
export function ScalerFields({ scaler, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <Choice
        label={t('scaler.label')}
        value={scaler.kind}
        options={SCALER_KINDS.map((id) => ({ id, text: t(`scaler.${id}`) }))}
        onChange={(kind) => onChange(defaultScaler(kind))}
      />
      {scaler.kind === 'static' && (
        <NumberField
          label={t('scaler.staticScale')}
          value={scaler.scale}
          format={fieldPower}
          bound={BOUNDS.scale}
          stepped={doubled}
          onChange={(scale) => onChange({ ...scaler, scale })}
        />
      )}
      {scaler.kind === 'dynamic' && (
        <>
          <NumberField
            label={t('scaler.initialScale')}
            value={scaler.initialScale}
            format={fieldPower}
            bound={BOUNDS.initialScale}
            stepped={doubled}
            onChange={(initialScale) => onChange({ ...scaler, initialScale })}
          />
          <NumberField
            label={t('scaler.growthFactor')}
            value={scaler.growthFactor}
            format={fieldText}
            bound={BOUNDS.growthFactor}
            onChange={(growthFactor) => onChange({ ...scaler, growthFactor })}
          />
          <NumberField
            label={t('scaler.backoffFactor')}
            value={scaler.backoffFactor}
            format={fieldText}
            bound={BOUNDS.backoffFactor}
            onChange={(backoffFactor) => onChange({ ...scaler, backoffFactor })}
          />
          <NumberField
            label={t('scaler.growthInterval')}
            value={scaler.growthInterval}
            format={String}
            bound={BOUNDS.growthInterval}
            onChange={(growthInterval) => onChange({ ...scaler, growthInterval })}
          />
        </>
      )}
    </>
  );
}
