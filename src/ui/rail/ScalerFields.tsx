import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { defaultScaler } from '../../experiment/defaults';
import type { ScalerConfig } from '../../experiment/experiment';
import {
  numbersOf,
  refusal,
  SCALER_KINDS,
  scalerOf,
  scalerSettings,
  type RaiseCode,
  type ScalerKind,
} from '../../training/scalers';
import { Choice } from '../widgets/Choice';
import { ParameterFields } from './ParameterFields';
import { useScalerName } from './scaler-name';

interface ChoiceProps {
  readonly kind: ScalerKind | null;
  readonly onChange: (kind: ScalerKind) => void;
  readonly restarts?: boolean;
  /** In place of the field's usual label, which is then for screen readers only. */
  readonly bareLabel?: string;
}

/** A choice among all scalers, under the repositories that their rules come from. */
export function ScalerChoice({ kind, onChange, restarts, bareLabel }: ChoiceProps): ReactNode {
  const { t } = useTranslation();
  const nameOf = useScalerName();
  return (
    <Choice
      label={bareLabel ?? t('scaler.label')}
      bare={bareLabel !== undefined}
      placeholder={bareLabel}
      restarts={restarts}
      value={kind}
      options={SCALER_KINDS.map((id) => ({ id, text: nameOf(id), group: repositoryOf(id) }))}
      onChange={onChange}
    />
  );
}

const repositoryOf = (kind: ScalerKind): string => scalerOf(kind).source.replace(/ [^ ]*\/.*$/, '');

interface Props {
  readonly scaler: ScalerConfig;
  readonly onChange: (scaler: ScalerConfig) => void;
}

/** A lane's scaler with the numbers that it starts with. */
export function ScalerFields({ scaler, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const { kind } = scaler;
  const values = numbersOf(scaler);
  // Codes come from the descriptions, whose list the type is made of.
  const refused = refusal(scaler) as RaiseCode | null;
  return (
    <>
      <ScalerChoice kind={kind} onChange={(chosen) => onChange(defaultScaler(chosen))} />
      <ParameterFields
        scaler={scalerOf(kind)}
        values={values}
        onChange={(name, value) => onChange(scalerSettings(kind, { ...values, [name]: value }))}
      />
      {refused !== null && (
        <p className="field-error">{t('scaler.refused', { why: t(`raised.${refused}`) })}</p>
      )}
      <p className="field-help">{t('scaler.source', { source: scalerOf(kind).source })}</p>
    </>
  );
}
