import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { powerText, shareText } from '../../analysis/numbers';
import type { Loss } from '../../analysis/ruler';

interface Props {
  readonly laneName: string;
  readonly color: string;
  readonly scale: number;
  readonly dragged: number | null;
  /** What the format loses of the true gradients without and with the scale; null when they are not known. */
  readonly unscaled: Loss | null;
  readonly scaled: Loss | null;
}

/** Legend and verdict in one: what is lost without the loss scale, and with it. */
export function Readout({ laneName, color, scale, dragged, unscaled, scaled }: Props): ReactNode {
  const { t } = useTranslation();
  if (!unscaled || !scaled) return <p className="readout">{t('ruler.noBaseline')}</p>;
  const lost = shareText(scaled.flushed + scaled.overflow);
  return (
    <ul className="readout mono">
      <li>
        <span className="readout-swatch reference-swatch" aria-hidden="true" />
        <span className="readout-name">{t('ruler.grey')}:</span>{' '}
        {t('ruler.unscaled', { share: shareText(unscaled.flushed + unscaled.overflow) })}
      </li>
      <li className="readout-scaled" style={{ color }} data-lost={scaled.flushed + scaled.overflow}>
        <span className="readout-swatch" style={{ background: color }} aria-hidden="true" />
        <span className="readout-name">{laneName}:</span>{' '}
        {dragged === null
          ? t('ruler.scaled', { share: lost })
          : t('ruler.predicted', { scale: powerText(2 ** dragged), share: lost })}
        {dragged === null && scale !== 1 && <span className="readout-scale"> · × {powerText(scale)}</span>}
      </li>
    </ul>
  );
}
