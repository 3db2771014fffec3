import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BOUNDS } from '../../experiment/bounds';
import { withinBound } from '../../numerics/bound';
import { accumulationName, parseAccumulation, type Accumulation } from '../../numerics/accumulation';
import { GPUS, type Evidence } from '../../numerics/gpus';
import { TENSOR_CORES, type TensorCoreModel } from '../../numerics/tensor-core';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';
import { Toggle } from '../widgets/Toggle';

const KINDS = ['fp32', 'format', 'format-fma', 'chunked', 'pairwise', 'kahan', 'tensor-core'] as const;

/** Tensor cores promote after so many terms, or a multiple. */
const PROMOTED = BOUNDS.promotion.min;

const multiplesNear = (interval: number): number[] =>
  [Math.floor(interval / PROMOTED), Math.ceil(interval / PROMOTED)]
    .map((count) => count * PROMOTED)
    .filter((multiple) => withinBound(BOUNDS.promotion, multiple));

/** What a kind starts with. */
const STARTS: Record<Accumulation['kind'], Accumulation> = {
  fp32: { kind: 'fp32' },
  format: { kind: 'format' },
  'format-fma': { kind: 'format-fma' },
  chunked: { kind: 'chunked', length: 32, inFormat: false },
  pairwise: { kind: 'pairwise', inFormat: false },
  kahan: { kind: 'kahan', inFormat: false },
  'tensor-core': { kind: 'tensor-core', model: 'h100', promotion: null },
};

interface Props {
  /** Its name in an experiment. */
  readonly accumulation: string;
  readonly onChange: (accumulation: string) => void;
}

/** How a lane adds up products. */
export function AccumulationFields({ accumulation, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const value = parseAccumulation(accumulation);
  const change = (changed: Accumulation): void => onChange(accumulationName(changed));
  return (
    <>
      <Choice
        label={t('arithmetic.accumulation')}
        value={value.kind}
        options={KINDS.map((id) => ({ id, text: t(`arithmetic.kind.${id}`) }))}
        onChange={(kind) => change(STARTS[kind])}
      />
      <p className="field-help">{t(`arithmetic.kindHelp.${value.kind}`)}</p>
      {value.kind === 'chunked' && (
        <NumberField
          label={t('arithmetic.chunk')}
          value={value.length}
          format={String}
          bound={BOUNDS.chunk}
          stepped={doubled}
          onChange={(length) => change({ ...value, length })}
        />
      )}
      {'inFormat' in value && (
        <Toggle
          label={t('arithmetic.inFormat')}
          value={value.inFormat}
          onChange={(inFormat) => change({ ...value, inFormat })}
        />
      )}
      {value.kind === 'tensor-core' && (
        <>
          <Choice
            label={t('arithmetic.model')}
            value={value.model}
            options={TENSOR_CORES.map((id) => ({
              id,
              text: gpusOf(id)
                .map(({ name }) => name)
                .join(', '),
            }))}
            onChange={(model) => change({ ...value, model })}
          />
          <EvidenceList model={value.model} />
          <NumberField
            label={t('arithmetic.promotion')}
            value={value.promotion}
            format={String}
            bound={BOUNDS.promotion}
            placeholder={t('arithmetic.never')}
            stepped={(interval, direction) => interval + PROMOTED * direction}
            offer={(interval) =>
              interval % PROMOTED === 0
                ? null
                : {
                    why: t('number.multiple', { divisor: PROMOTED }),
                    choices: multiplesNear(interval).map(String),
                  }
            }
            onChange={(promotion) => change({ ...value, promotion })}
            onClear={() => change({ ...value, promotion: null })}
          />
          <p className="field-help">{t('arithmetic.promotionHelp')}</p>
        </>
      )}
    </>
  );
}

const gpusOf = (model: TensorCoreModel) => GPUS.filter((gpu) => gpu.model === model);

const EVIDENCE: readonly Evidence[] = ['record', 'published', 'generation'];

/** What is known of the GPUs that compute like a model. */
function EvidenceList({ model }: { model: TensorCoreModel }): ReactNode {
  const { t } = useTranslation();
  const known = EVIDENCE.map((evidence) => ({
    evidence,
    gpus: gpusOf(model).filter((gpu) => gpu.evidence === evidence),
  }));
  return (
    <ul className="field-help">
      {known
        .filter(({ gpus }) => gpus.length > 0)
        .map(({ evidence, gpus }) => (
          <li key={evidence}>
            {t('arithmetic.known', {
              gpus: gpus.map(({ name }) => name).join(', '),
              what: t(`arithmetic.evidence.${evidence}`),
            })}
          </li>
        ))}
    </ul>
  );
}

const doubled = (value: number, direction: 1 | -1): number =>
  direction > 0 ? value * 2 : Math.max(1, Math.floor(value / 2));
