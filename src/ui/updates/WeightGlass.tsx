import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shortNumber } from '../../analysis/numbers';
import { readWeight } from '../../analysis/weight';
import type { WeightRecord } from '../../analysis/records';
import type { LoadedExperiment } from '../../engine/protocol';
import { parseFormat, type NumberFormat } from '../../numerics/formats';
import { countText } from '../i18n';
import { useApp, useController } from '../store/react';
import type { UpdateRow, UpdatesView } from '../store/state';
import { useSelect } from '../store/react';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';
import { ValueLink } from '../widgets/ValueLink';

interface Props {
  readonly view: UpdatesView;
  readonly loaded: LoadedExperiment;
}

/** One weight of the selected lane: its bits, its neighbours, the update, and what became of it. */
export function WeightGlass({ view, loaded }: Props): ReactNode {
  const { t } = useTranslation();
  const { store } = useApp();
  const controller = useController();
  const watched = useSelect((state) => state.watched);
  const live = useSelect((state) => state.phase === 'live');
  const row = view.tensors.find(({ tensor }) => tensor === watched.parameter) ?? view.tensors[0];
  const index = Math.min(watched.index, row.count - 1);
  const { lane } = view;
  const parameter = row.tensor;
  const { run } = loaded;
  useEffect(() => {
    if (live) controller.watchWeight({ lane, parameter, index });
    return () => controller.watchWeight(null);
  }, [controller, live, run, lane, parameter, index]);
  const { weight } = view;
  const shown =
    weight?.lane === lane && weight.parameter === parameter && weight.index === index ? weight : null;
  return (
    <section className="glass" aria-label={t('glass.title')}>
      <h3>{t('glass.title')}</h3>
      <div className="glass-choice">
        <Choice
          label={t('glass.tensor')}
          value={parameter}
          options={view.tensors.map(({ tensor }) => ({ id: tensor, text: tensor }))}
          onChange={(id) => store.setState({ watched: { parameter: id, index: 0 } })}
        />
        <NumberField
          label={t('glass.index', { most: countText(row.count - 1) })}
          value={index}
          format={String}
          bound={{ min: 0, max: row.count - 1, integer: true }}
          onChange={(value) => store.setState({ watched: { parameter, index: value } })}
        />
      </div>
      {shown ? <Reading weight={shown} row={row} /> : <p className="updates-help">{t('glass.none')}</p>}
    </section>
  );
}

function Reading({ weight, row }: { readonly weight: WeightRecord; readonly row: UpdateRow }): ReactNode {
  const { t } = useTranslation();
  const format = parseFormat(row.format);
  const { bits, gap, halfGap, halves, verdict } = readWeight(weight, format);
  return (
    <>
      <dl className="glass-numbers tabular">
        <dt>{t('glass.step')}</dt>
        <dd className="mono">{countText(weight.step)}</dd>
        <dt>{t('glass.before', { format: format.label })}</dt>
        <dd className="mono">
          <ValueLink value={weight.before} format={row.format}>
            {text(weight.before)}
          </ValueLink>
        </dd>
        <dt>{t('glass.bits')}</dt>
        <dd>
          <Bits bits={bits} format={format} />
        </dd>
        <dt>{t('glass.gap')}</dt>
        <dd className="mono">{text(gap)}</dd>
        <dt>{t('glass.half')}</dt>
        <dd className="mono">{text(halfGap)}</dd>
        <dt>{t('glass.update')}</dt>
        <dd className="mono">
          {text(-weight.update)}
          {Number.isFinite(halves) && ` (${t('glass.halves', { number: shortNumber(halves) })})`}
        </dd>
        <dt>{t('glass.after')}</dt>
        <dd className="mono">{text(weight.after)}</dd>
      </dl>
      <p className={verdict === 'moved' ? 'glass-verdict' : 'glass-verdict alarm'} data-verdict={verdict}>
        {t(`glass.verdict.${verdict}`)}
      </p>
    </>
  );
}

/** Enough digits to tell neighbours in FP16 apart. */
const text = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(8))) : String(value);

interface BitsProps {
  readonly bits: readonly [sign: string, exponent: string, significand: string];
  readonly format: NumberFormat;
}

function Bits({ bits: [sign, exponent, significand], format }: BitsProps): ReactNode {
  const { t } = useTranslation();
  return (
    <span
      className="glass-bits mono"
      title={t('glass.bitsTitle', {
        exponentBits: format.exponentBits,
        significandBits: format.significandBits,
      })}
    >
      <span>{sign}</span> <span>{exponent}</span> <span>{significand}</span>
    </span>
  );
}
