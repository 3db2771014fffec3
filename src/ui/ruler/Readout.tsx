import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shareText } from '../../analysis/numbers';
import type { Loss } from '../../analysis/ruler';
import { inkOf } from '../lanes';
import { ValueLink } from '../widgets/ValueLink';
import { scaleText } from './Handle';

interface Props {
  readonly color: string;
  /** The scale in force, or the one that is being dragged to. */
  readonly scale: number;
  /** What the format loses of the true gradients without and with the scale; null when they are not known. */
  readonly unscaled: Loss | null;
  readonly scaled: Loss | null;
  /** Why they are not known. */
  readonly missing: string;
}

/** Legend and verdict in one: what is lost without the loss scale, and with it. */
export function Readout({ color, scale, unscaled, scaled, missing }: Props): ReactNode {
  const { t } = useTranslation();
  if (!unscaled || !scaled) return <p className="readout">{missing}</p>;
  return (
    <ul className="readout mono">
      <li>
        <span className="readout-swatch reference-swatch" aria-hidden="true" />
        {t('ruler.unscaled', { share: shareText(unscaled.flushed + unscaled.overflow) })}
      </li>
      <li
        className="readout-scaled"
        style={{ color: inkOf(color) }}
        data-lost={scaled.flushed + scaled.overflow}
      >
        <span className="readout-swatch" style={{ background: color }} aria-hidden="true" />
        <ValueLink value={scale} format="fp32" tabIndex={0}>
          {t('ruler.scaled', {
            scale: scaleText(scale),
            share: shareText(scaled.flushed + scaled.overflow),
          })}
        </ValueLink>
      </li>
    </ul>
  );
}
