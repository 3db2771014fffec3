import { useMemo, type ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import {
  accumulate,
  accumulateStochastically,
  RANDOM_BITS,
  type Accumulation,
} from '../../../analysis/exact/accumulate';
import { shortNumber } from '../../../analysis/numbers';
import { FORMATS, type NumberFormat } from '../../../numerics/formats';
import { countText } from '../../i18n';
import { NumberField } from '../../widgets/NumberField';
import { Panel } from '../../widgets/Panel';
import { OperandInput } from '../OperandInput';
import { ScrollArea } from '../ScrollArea';
import { inFormat, MAX_COUNT, readOperand } from '../state';
import { useLab } from '../use-lab';
import { LazySumChart } from './LazySumChart';
import './sum.css';

const COUNT_BOUND = { min: 1, max: MAX_COUNT, integer: true } as const;

/** Formats shown beside the one of the lab. */
const OTHERS = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16, FORMATS.e4m3fn, FORMATS.e5m2];

/** A number added up n times: where the sum stops growing, and how far it is from the truth. */
export function SumPanel(): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { term: text, count } = state;
  const { format, mode } = value;
  const term = readOperand(text, format, mode) ?? { bits: 0, real: null, rounding: null };
  const own = useMemo(() => accumulate(term.bits, count, format, mode), [term.bits, count, format, mode]);
  const stochastic = useMemo(
    () => accumulateStochastically(term.bits, count, format),
    [term.bits, count, format],
  );
  const summary = useSummary(own, stochastic, format, count);
  return (
    <Panel className="sum-panel" title={t('lab.sum.title')} note={t('lab.sum.note')}>
      <div className="sum-grid">
        <div>
          <div className="field">
            <span className="field-label">{t('lab.sum.term')}</span>
            <OperandInput
              label={t('lab.sum.term')}
              text={text}
              operand={term}
              onChange={(next) => update((now) => ({ ...now, term: next }), 'push')}
            />
          </div>
          <NumberField
            label={t('lab.sum.count')}
            value={count}
            format={String}
            bound={COUNT_BOUND}
            onChange={(next) => update((now) => ({ ...now, count: next }), 'push')}
          />
          <p className="sum-summary" aria-live="polite">
            {summary}
          </p>
          <Stalls term={text} count={count} />
        </div>
        <LazySumChart
          points={own.points}
          stall={own.stall}
          stochastic={stochastic}
          format={format}
          summary={summary}
        />
      </div>
    </Panel>
  );
}

function useSummary(
  { points, stall }: Accumulation,
  stochastic: readonly number[] | null,
  format: NumberFormat,
  count: number,
): string {
  const { t } = useTranslation();
  const last = points[points.length - 1];
  const values = {
    label: format.label,
    additions: t('count.additions', { count }),
    sum: shortNumber(last.sum),
    exact: shortNumber(last.exact),
  };
  if (!stall) return t('lab.sum.grows', values);
  const stalled = t(Number.isFinite(stall.sum) ? 'lab.sum.stalls' : 'lab.sum.overflows', {
    ...values,
    step: countText(stall.step),
  });
  const random = stochastic?.at(-1);
  if (random === undefined) return stalled;
  return `${stalled} ${t('lab.sum.stochasticSum', { bits: RANDOM_BITS, sum: shortNumber(random) })}`;
}

/** The same sum in the usual formats. */
function Stalls({ term: text, count }: { term: string; count: number }): ReactNode {
  const { t } = useTranslation();
  const { value, update } = useLab();
  const { mode } = value;
  const rows = useMemo(
    () =>
      OTHERS.map((format) => {
        const term = readOperand(text, format, mode)?.bits ?? 0;
        const stochastic = accumulateStochastically(term, count, format, 2)?.at(-1) ?? null;
        return { format, stochastic, ...accumulate(term, count, format, mode, 2) };
      }),
    [text, count, mode],
  );
  return (
    <ScrollArea title={t('lab.sum.title')}>
      <table className="lab-table tabular sum-table">
        <thead>
          <tr>
            <th scope="col">{t('lab.formats.format')}</th>
            <th scope="col">{t('lab.sum.result')}</th>
            <th scope="col">{t('lab.sum.stall')}</th>
            <th scope="col">{t('lab.sum.stochasticColumn')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ format, points, stall, stochastic }) => (
            <tr key={format.name} className={format.name === value.format.name ? 'open-format' : undefined}>
              <th scope="row">
                <Button
                  className="format-button"
                  aria-description={t('lab.formats.open')}
                  onPress={() => update((state) => inFormat(state, format.name), 'push')}
                >
                  {format.label}
                </Button>
              </th>
              <td className="mono">{shortNumber(points[points.length - 1].sum)}</td>
              <td className="mono">{stall ? countText(stall.step) : '–'}</td>
              <td className="mono">{stochastic === null ? '–' : shortNumber(stochastic)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
