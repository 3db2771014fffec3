import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { roughDecimal } from '../../../analysis/exact/decimal';
import { roundingInterval, ulpExponent } from '../../../analysis/exact/neighbours';
import { fromNumber, toNumber } from '../../../analysis/exact/rational';
import { isFinite, roundExact } from '../../../analysis/exact/round';
import { powerLabel } from '../../../analysis/numbers';
import { encode } from '../../../numerics/codes';
import type { NumberFormat } from '../../../numerics/formats';
import { Panel } from '../../widgets/Panel';
import { Segmented } from '../../widgets/Segmented';
import { intervalText, valueText } from '../text';
import { i18n } from '../../i18n';
import type { LabState, LabValue } from '../state';
import { useLab } from '../use-lab';
import { numberAt, positionOf, viewAround, wholeView, withinReach, zoomed, type View } from './geometry';
import { LineFigure } from './LineFigure';
import './line.css';

const STEP = 2;

/** What the line shows: the stretch that was chosen, as long as the number is on it. */
function visible({ axis, view }: LabState, { format, bits, real }: LabValue): View {
  const x = real && isFinite(bits) ? toNumber(real) : (bits >>> 31 ? -1 : 1) * format.maxFinite;
  return withinReach(format, axis, view ?? viewAround(format, axis, x));
}

/** The values of the format around the number, the reals that round to it, and one of them to drag. */
export function LinePanel(): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { axis } = state;
  const { format, bits } = value;
  const view = visible(state, value);
  const show = (next: View | null): void =>
    update((now) => ({ ...now, view: next && withinReach(format, axis, next) }));
  return (
    <Panel className="line-panel" title={t('lab.line.title')} note={t('lab.line.note')}>
      <div className="line-bar">
        <Segmented
          label={t('lab.line.axis')}
          value={axis}
          options={[
            { id: 'linear', text: t('lab.line.linear') },
            { id: 'log2', text: t('lab.line.log2') },
          ]}
          onChange={(id) => update((now) => ({ ...now, axis: id, view: null }), 'push')}
        />
        <span className="line-buttons">
          <Button
            className="button icon"
            aria-label={t('lab.line.out')}
            onPress={() => show(zoomed(view, STEP))}
          >
            −
          </Button>
          <Button
            className="button icon"
            aria-label={t('lab.line.in')}
            onPress={() => show(zoomed(view, 1 / STEP, placeOf(state, value, view)))}
          >
            +
          </Button>
          <Button className="button" onPress={() => show(null)}>
            {t('lab.line.around')}
          </Button>
          <Button className="button" onPress={() => show(wholeView(format, axis))}>
            {t('lab.line.whole')}
          </Button>
        </span>
      </div>
      <LineFigure view={view} onView={show} />
      <p className="line-summary">
        {summaryOf(format, axis, view, bits >>> 31 === 1)}{' '}
        {isFinite(bits) &&
          t('lab.line.spacing', {
            value: valueText(bits),
            ulp: powerLabel(ulpExponent(bits, format)),
          })}{' '}
        <IntervalText value={value} />
      </p>
    </Panel>
  );
}

/** Zooming keeps the number in place where it is visible. */
function placeOf({ axis }: LabState, { real }: LabValue, { low, high }: View): number {
  if (!real || (axis === 'log2' && real.n === 0n)) return 0.5;
  const place = (positionOf(axis, toNumber(real)) - low) / (high - low);
  return place >= 0 && place <= 1 ? place : 0.5;
}

function IntervalText({ value: { bits, format, mode } }: { value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const interval = roundingInterval(bits, format, mode);
  if (!interval) return null;
  return t('lab.line.interval', { interval: intervalText(interval), value: valueText(bits) });
}

/** How many values a stretch has, the two zeros as one. */
function countBetween(format: NumberFormat, low: number, high: number): number {
  const place = (x: number, mode: 'up' | 'down'): number => {
    const end = Math.min(format.maxFinite, Math.max(-format.maxFinite, x));
    const { bits } = roundExact(fromNumber(end), format, mode);
    const code = encode(bits & 0x7fffffff, format);
    const skipped = format.subnormals === 'flush' && code > 0 ? 2 ** format.significandBits - 1 : 0;
    return (bits >>> 31 ? -1 : 1) * (code - skipped);
  };
  return Math.max(0, place(high, 'down') - place(low, 'up') + 1);
}

function summaryOf(format: NumberFormat, axis: LabState['axis'], view: View, negative: boolean): string {
  const ends = [numberAt(axis, view.low, negative), numberAt(axis, view.high, negative)].sort(
    (a, b) => a - b,
  );
  const [low, high] = ends.map((end) => Math.min(format.maxFinite, Math.max(-format.maxFinite, end)));
  return i18n.t('lab.line.summary', {
    label: format.label,
    values: i18n.t('count.values', { count: countBetween(format, low, high) }),
    low: roughDecimal(fromNumber(low), 6),
    high: roughDecimal(fromNumber(high), 6),
  });
}
