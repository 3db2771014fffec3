import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { exactDecimal } from '../../../analysis/exact/decimal';
import { neighbour, roundingInterval, ulpExponent } from '../../../analysis/exact/neighbours';
import { toNumber } from '../../../analysis/exact/rational';
import { isFinite, isTie, roundExact, valueOf } from '../../../analysis/exact/round';
import { powerLabel, shareText } from '../../../analysis/numbers';
import { classify } from '../../../numerics/round';
import { stepped, type LabValue } from '../state';
import { binaryText, hexText, intervalText, realText, shortText, valueText } from '../text';
import { useLab } from '../use-lab';

/** What there is to know about the number, line by line. */
export function Facts(): ReactNode {
  const { t } = useTranslation();
  const { value } = useLab();
  const { format, bits, code, mode } = value;
  const finite = isFinite(bits);
  const interval = roundingInterval(bits, format, mode);
  return (
    <dl className="facts">
      <Fact name={t('lab.facts.class')}>{t(`lab.class.${classify(bits, format)}`)}</Fact>
      <Fact name={t('lab.facts.code')}>
        <span className="mono">{hexText(code, format)}</span>{' '}
        <span className="mono soft">{binaryText(code, format.storageBits)}</span>
      </Fact>
      {finite && (
        <Fact name={t('lab.facts.exact')}>
          <span className="mono long">{exactDecimal(valueOf(bits)).text}</span>
        </Fact>
      )}
      <Fact name={t('lab.facts.shortest')}>
        <span className="mono">{shortText(bits, format)}</span>
      </Fact>
      {value.rounding && <TypedFact value={value} />}
      {value.rounding && <Chances value={value} />}
      {finite && (
        <Fact name={t('lab.facts.ulp')}>
          <span className="mono">{powerLabel(ulpExponent(bits, format))}</span>
        </Fact>
      )}
      <Neighbours value={value} />
      {interval && (
        <Fact name={t('lab.facts.interval')}>
          <span className="mono">{intervalText(interval)}</span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What was typed and does not fit, and how it was rounded. */
function TypedFact({ value }: { value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const { real, rounding } = value;
  if (!real || !rounding) return null;
  const outcome = rounding.overflow
    ? 'overflow'
    : rounding.underflow
      ? 'underflow'
      : isTie(rounding)
        ? 'tie'
        : rounding.away
          ? 'away'
          : 'towards';
  return (
    <Fact name={t('lab.facts.typed')}>
      <span className="mono">{realText(real)}</span>{' '}
      <span className="soft">{t(`lab.outcome.${outcome}`)}</span>
    </Fact>
  );
}

/** What stochastic rounding would do with the number: away from zero as often as the dropped part is of a unit. */
function Chances({ value }: { value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const { real, rounding, format } = value;
  const flushed = rounding?.underflow && format.subnormals === 'flush';
  if (!real || !rounding || rounding.overflow || flushed || rounding.dropped.n === 0n) return null;
  const away = toNumber(rounding.dropped);
  const ends = (['toward-zero', real.n < 0n ? 'down' : 'up'] as const).map((mode) =>
    valueText(roundExact(real, format, mode).bits),
  );
  return (
    <Fact name={t('lab.facts.stochastic')}>
      {t('lab.facts.chances', {
        near: shareText(1 - away),
        nearer: ends[0],
        far: shareText(away),
        farther: ends[1],
      })}
    </Fact>
  );
}

function Neighbours({ value }: { value: LabValue }): ReactNode {
  const { t } = useTranslation();
  const { update } = useLab();
  const { bits, format } = value;
  const [below, above] = [neighbour(bits, format, -1), neighbour(bits, format, 1)];
  if (below === null && above === null) return null;
  const button = (direction: 1 | -1, next: number | null): ReactNode =>
    next !== null && (
      <Button
        className="button small mono"
        aria-label={t(direction > 0 ? 'lab.facts.goAbove' : 'lab.facts.goBelow', {
          value: valueText(next),
        })}
        onPress={() => update((state) => stepped(state, direction))}
      >
        {direction < 0 && '◂ '}
        {valueText(next)}
        {direction > 0 && ' ▸'}
      </Button>
    );
  return (
    <Fact name={t('lab.facts.neighbours')}>
      <span className="neighbours">
        {button(-1, below)}
        {button(1, above)}
      </span>
    </Fact>
  );
}
