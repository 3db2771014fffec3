import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Examination } from '../../examination/examination';
import type { NativeTally } from '../../examination/native';
import { countText } from '../i18n';
import { Panel } from '../widgets/Panel';
import { ulpText } from './report';

/** What the device's own operations give: the reason why none of them is used. */
export function NativePanel({ native }: Pick<Examination, 'native'>): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('trust.native')} note={t('trust.nativeNote')}>
      <p>{t('trust.nativeLead')}</p>
      <Table
        caption={t('trust.nativeF32')}
        tallies={native.f32}
        nameOf={(operation) => t(`trust.operation.${operation}`)}
      />
      {native.f16 === null ? (
        <p className="soft">{t('trust.noF16')}</p>
      ) : (
        <Table
          caption={t('trust.nativeF16')}
          tallies={native.f16}
          nameOf={(operation) => t(`trust.operationF16.${operation}`)}
        />
      )}
    </Panel>
  );
}

function Table<Operation extends string>({
  caption,
  tallies,
  nameOf,
}: {
  caption: string;
  tallies: readonly NativeTally<Operation>[];
  nameOf: (operation: Operation) => string;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <table className="trust-table tabular">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('trust.nativeOperation')}</th>
          <th scope="col">{t('trust.cases')}</th>
          <th scope="col">{t('trust.notRight')}</th>
          <th scope="col">{t('trust.maxUlp')}</th>
        </tr>
      </thead>
      <tbody>
        {tallies.map(({ operation, cases, differing, maxUlp, example }) => (
          <tr key={operation}>
            <th scope="row">
              {nameOf(operation)}
              {example !== null && <p className="mono soft">{example}</p>}
            </th>
            <td>{countText(cases)}</td>
            <td>{countText(differing)}</td>
            <td>{ulpText(maxUlp)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
