import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldPower, fieldText } from '../../analysis/numbers';
import type { ParameterName } from '../../training/scalers';
import type { LossScaler, ScalerParameter, ScalerValues } from '../../training/scalers/scaler';
import { NumberField } from '../widgets/NumberField';
import { Toggle } from '../widgets/Toggle';

interface Props {
  readonly scaler: LossScaler;
  readonly values: ScalerValues;
  readonly onChange: (name: string, value: number) => void;
}

/** The numbers of a scaler, as its description says that they are set. */
export const ParameterFields = ({ scaler, values, onChange }: Props): ReactNode =>
  scaler.parameters.map((parameter) => (
    <ParameterField
      key={parameter.name}
      parameter={parameter}
      value={values[parameter.name]}
      onChange={(value) => onChange(parameter.name, value)}
    />
  ));

interface FieldProps {
  readonly parameter: ScalerParameter;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function ParameterField({ parameter, value, onChange }: FieldProps): ReactNode {
  const { name, usual, bound, as } = parameter;
  const label = useParameterLabel()(name);
  if (as === 'switch') {
    return <Toggle label={label} value={value !== 0} onChange={(on) => onChange(on ? 1 : 0)} />;
  }
  return (
    <NumberField
      label={label}
      value={value}
      format={FORMATS[as]}
      bound={bound}
      stepped={as === 'power of two' ? doubled : undefined}
      changed={value !== usual}
      onDefault={() => onChange(usual)}
      onChange={onChange}
    />
  );
}

const FORMATS = {
  'power of two': fieldPower,
  factor: fieldText,
  share: fieldText,
  count: String,
} as const;

const doubled = (value: number, direction: 1 | -1, large: boolean): number =>
  value * 2 ** (direction * (large ? 4 : 1));

/** What a parameter is called on the page. */
export function useParameterLabel(): (name: string) => string {
  const { t } = useTranslation();
  // Names come from the descriptions, whose list the type is made of.
  return (name) => t(`scaler.parameter.${name as ParameterName}`);
}
