import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import type { Shares } from '../../analysis/ruler';
import { countText } from '../i18n';
import { inkOf } from '../lanes';
import type { RulerView } from '../store/state';
import { ValueLink } from '../widgets/ValueLink';
import { scaleText } from './Handle';
import type { Reading } from './reading';

interface Props {
  readonly color: string;
  readonly format: string;
  readonly view: RulerView;
  readonly reading: Reading;
  /** Whether an estimate comes as soon as the handle moves: it then has its place already. */
  readonly canDrag: boolean;
}

/** A share that no line ends in. */
const unbroken = (share: number): string => shareText(share).replace(' ', '\u00a0');

/** Legend and numbers in one: what the bars show, and what another scale would make of it. */
export function Readout({ color, format, view, reading, canDrag }: Props): ReactNode {
  const { t } = useTranslation();
  const { seen, reference, estimate } = reading;
  const texts = (shares: Shares) => ({
    zero: unbroken(shares.zero),
    nonFinite: unbroken(shares.nonFinite),
  });
  return (
    <ul className="readout mono">
      <li>{t('ruler.after', { count: view.step, steps: countText(view.step) })}</li>
      <li>
        <span className="readout-swatch reference-swatch" aria-hidden="true" />
        {!reference
          ? t('ruler.noBaseline')
          : t(reference.nonFinite > 0 ? 'ruler.referenceNonFinite' : 'ruler.reference', texts(reference))}
      </li>
      {seen && (
        <li
          className="readout-seen"
          style={{ color: inkOf(color) }}
          data-zero={seen.zero}
          data-non-finite={seen.nonFinite}
        >
          <span className="readout-swatch" style={{ background: color }} aria-hidden="true" />
          {format}{' '}
          <ValueLink value={view.scale} format="fp32" tabIndex={0}>
            {scaleText(view.scale)}
          </ValueLink>
          {t('ruler.shares', texts(seen))}
        </li>
      )}
      {(estimate || canDrag) && (
        <li className="readout-estimate">
          {estimate && (
            <>
              <span
                className="readout-swatch estimate-swatch"
                style={{ borderColor: color }}
                aria-hidden="true"
              />
              {t(estimate.scale === 1 ? 'ruler.estimateUnscaled' : 'ruler.estimate', {
                format,
                scale: scaleText(estimate.scale),
                ...texts(estimate.shares),
              })}
              {estimate.shares.saturated > 0 &&
                t('ruler.andSaturated', { share: unbroken(estimate.shares.saturated) })}
            </>
          )}
        </li>
      )}
    </ul>
  );
}
