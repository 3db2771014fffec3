import { useEffect, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { examineThisDevice } from '../../examination/client';
import type { Examination, ExaminationResult } from '../../examination/examination';
import { Boundary } from '../failure/Boundary';
import { countText } from '../i18n';
import { Panel } from '../widgets/Panel';
import { NativePanel } from './NativePanel';
import { TensorCorePanel } from './TensorCorePanel';
import { reportText, rowsOf } from './report';
import './trust.css';
import { errorText, messageText } from '../../i18n/said';

type State =
  ExaminationResult | { readonly kind: 'running' } | { readonly kind: 'failed'; readonly reason: string };

/** Examines the visitor's device when the page is opened, and shows what came out. */
export default function TrustPage(): ReactNode {
  const { t } = useTranslation();
  const [state, setState] = useState<State>({ kind: 'running' });
  useEffect(() => {
    let wanted = true;
    examineThisDevice().then(
      (result) => wanted && setState(result),
      (error: unknown) => wanted && setState({ kind: 'failed', reason: errorText(error) }),
    );
    return () => {
      wanted = false;
    };
  }, []);
  return (
    <>
      <p className="trust-lead">{t('trust.lead')}</p>
      <output className="trust-status">
        {state.kind === 'running' && t('trust.running')}
        {state.kind === 'unavailable' && t('trust.unavailable', { reason: messageText(state.reason) })}
        {state.kind === 'failed' && t('trust.failed', { reason: state.reason })}
      </output>
      {state.kind === 'examined' && (
        <Boundary>
          <Result examination={state.examination} />
        </Boundary>
      )}
      <Boundary>
        <TensorCorePanel />
      </Boundary>
      <Elsewhere />
    </>
  );
}

function Result({ examination }: { examination: Examination }): ReactNode {
  const { t } = useTranslation();
  const rows = rowsOf(
    examination,
    (aspect) => t(`trust.aspect.${aspect}`),
    (mode) => t(`arithmetic.mode.${mode}`),
  );
  const cases = rows.reduce((sum, row) => sum + row.cases, 0);
  const differing = rows.reduce((sum, row) => sum + row.differing, 0);
  const counts = { cases: countText(cases), agreeing: countText(cases - differing) };
  const verdict = t(differing === 0 ? 'trust.exact' : 'trust.inexact', counts);
  const { adapter, details, features, limits, tier, notes, digest } = examination;
  const text = reportText(examination, rows, verdict, navigator.userAgent);
  return (
    <>
      <Panel title={t('trust.verdict')} note={<CopyButton text={text} />}>
        <p className={differing === 0 ? 'trust-verdict' : 'trust-verdict alarm'}>{verdict}</p>
        <p>{t(`trust.tier.${tier}`)}</p>
        <ul>
          {notes.map((note) => (
            <li key={note.code}>{messageText(note)}</li>
          ))}
        </ul>
        <dl className="trust-facts">
          <Fact name={t('trust.adapter')} value={adapter} />
          <Fact name={t('trust.details')} value={Object.values(details).filter(Boolean).join(', ') || '–'} />
          <Fact name={t('trust.features')} value={features.join(', ') || '–'} />
          <Fact name={t('trust.limits')} value={limitsText(limits)} />
          <Fact name={t('trust.digest')} value={digest} />
        </dl>
      </Panel>
      <Panel title={t('trust.checks')} note={t('trust.checksNote')}>
        <table className="trust-table tabular">
          <thead>
            <tr>
              <th scope="col">{t('trust.check')}</th>
              <th scope="col">{t('trust.cases')}</th>
              <th scope="col">{t('trust.differing')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, cases: count, differing: wrong, example }) => (
              <tr key={name}>
                <th scope="row">
                  {name}
                  {example !== null && <p className="mono alarm">{example}</p>}
                </th>
                <td>{countText(count)}</td>
                <td className={wrong > 0 ? 'alarm' : undefined}>{countText(wrong)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <NativePanel native={examination.native} />
    </>
  );
}

const limitsText = (limits: Examination['limits']): string =>
  Object.entries(limits)
    .map(([name, limit]) => `${name} ${countText(limit)}`)
    .join(', ');

function Fact({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function CopyButton({ text }: { text: string }): ReactNode {
  const { t } = useTranslation();
  const [label, setLabel] = useState<'copy' | 'copied' | 'copyFailed'>('copy');
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setLabel('copied'),
      () => setLabel('copyFailed'),
    );
  };
  return (
    <Button className="button" onPress={copy}>
      {t(`trust.${label}`)}
    </Button>
  );
}

/** How the claims are checked where this page cannot. */
function Elsewhere(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('trust.elsewhere')}>
      <ul>
        <li>
          {t('trust.exhaustive')} <code>npm run -s verify:exhaustive</code>
        </li>
        <li>
          {t('trust.elementary')} <code>npm run -s verify:elementary</code>
        </li>
        <li>
          {t('trust.agreement')} <code>npm run -s verify:agreement</code>
        </li>
        <li>
          {t('trust.vectors')} <code>npm test</code>
        </li>
      </ul>
    </Panel>
  );
}
