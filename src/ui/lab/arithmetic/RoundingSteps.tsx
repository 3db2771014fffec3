import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Result } from '../../../analysis/exact/operate';
import { compare, toNumber } from '../../../analysis/exact/rational';
import { droppedBits, isFinite, type ExactMode, type ExactRounding } from '../../../analysis/exact/round';
import { powerLabel, shareText } from '../../../analysis/numbers';
import type { NumberFormat } from '../../../numerics/formats';
import { codeText, realText, valueText } from '../text';

interface Props {
  readonly result: Result;
  readonly format: NumberFormat;
  readonly mode: ExactMode;
}

/** More bits behind the cut than this tell nothing more. */
const MOST_DROPPED = 16;

/** From the exact result over the bits that are kept and dropped to the result. */
export function RoundingSteps({ result, format, mode }: Props): ReactNode {
  const { t } = useTranslation();
  const { bits, exact, rounding } = result;
  if (!exact || !rounding) return <p className="rounding-special">{t('lab.steps.special')}</p>;
  const units = rounding.kept.toString(2).padStart(format.significandBits + 1, '0');
  const dropped = droppedBits(rounding, MOST_DROPPED);
  return (
    <ol className="rounding-steps">
      <li>
        <h3>{t('lab.steps.exact')}</h3>
        <p className="mono">{realText(exact)}</p>
      </li>
      <li>
        <h3>{t('lab.steps.bits', { bits: t('count.bits', { count: format.significandBits + 1 }) })}</h3>
        <p className="mono rounding-bits">
          <span className="hidden">{t('lab.steps.kept')}</span>
          <span className="kept">{units}</span>
          {dropped.text !== '' && (
            <>
              <span className="hidden">{t('lab.steps.dropped')}</span>
              <span className="dropped">
                {dropped.text}
                {!dropped.complete && '…'}
              </span>
            </>
          )}
          <span className="soft"> · {powerLabel(rounding.quantum)}</span>
        </p>
      </li>
      <li>
        <h3>{t('lab.steps.decision')}</h3>
        <p>{t(`lab.decision.${decisionOf(rounding, mode)}`, { digit: units.at(-1) })}</p>
        {rounding.dropped.n !== 0n && !rounding.overflow && (
          <p className="soft">
            {t('lab.steps.stochastic', { share: shareText(toNumber(rounding.dropped)) })}
          </p>
        )}
        {rounding.overflow && (
          <p className="alarm">
            {t('lab.steps.overflow', { largest: valueText(format.maxFiniteBits), result: valueText(bits) })}
          </p>
        )}
        {rounding.underflow && <p className="alarm">{t('lab.steps.underflow')}</p>}
      </li>
      <li>
        <h3>{t('lab.steps.result')}</h3>
        <p className="mono">
          <strong>{valueText(bits)}</strong> <span className="soft">{codeText(bits, format)}</span>
          {isFinite(bits) && rounding.dropped.n === 0n && !rounding.overflow && (
            <span className="soft rounding-exact">{t('lab.remark.exact')}</span>
          )}
        </p>
      </li>
    </ol>
  );
}

type Decision =
  'exact' | 'tieEven' | 'tieOdd' | 'tieAway' | 'more' | 'less' | 'cut' | 'directedAway' | 'directedTowards';

/** Why the kept bits stay as they are, or go to the next. */
function decisionOf({ dropped, kept, away }: ExactRounding, mode: ExactMode): Decision {
  if (dropped.n === 0n) return 'exact';
  if (mode === 'toward-zero') return 'cut';
  if (mode === 'up' || mode === 'down') return away ? 'directedAway' : 'directedTowards';
  const half = compare(dropped, { n: 1n, d: 2n });
  if (half !== 0) return half > 0 ? 'more' : 'less';
  if (mode === 'nearest-away') return 'tieAway';
  return (kept & 1n) === 0n ? 'tieEven' : 'tieOdd';
}
