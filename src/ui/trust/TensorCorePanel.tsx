import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { GPUS, type Gpu } from '../../numerics/gpus';
import { rulesOf } from '../../numerics/tensor-core';
import { Panel } from '../widgets/Panel';

/** Which GPUs a lane's sums of products can follow, and what that rests on. */
export function TensorCorePanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('trust.gpus.title')} note={t('trust.gpus.note')}>
      <p>{t('trust.gpus.lead')}</p>
      <table className="trust-table tabular trust-gpus">
        <thead>
          <tr>
            <th scope="col">{t('trust.gpus.gpu')}</th>
            <th scope="col">{t('trust.gpus.rules')}</th>
            <th scope="col">{t('trust.gpus.evidence')}</th>
          </tr>
        </thead>
        <tbody>
          {GPUS.map((gpu) => (
            <tr key={gpu.name}>
              <th scope="row">
                {gpu.name} <span className="soft">{gpu.generation}</span>
              </th>
              <td>{rulesText(gpu)}</td>
              <td>{t(`arithmetic.evidence.${gpu.evidence}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** `fp16 8/24, tf32 4/24`: products added at once, and fraction bits kept. */
const rulesText = ({ model }: Gpu): string =>
  model === null
    ? '–'
    : rulesOf(model)
        .map(([kind, { block, fractionBits }]) => `${KINDS[kind]} ${block}/${fractionBits}`)
        .join(', ');

const KINDS: Readonly<Record<string, string>> = { fp16: 'FP16', bf16: 'bf16', tf32: 'TF32', fp8: 'FP8' };
