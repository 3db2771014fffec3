import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { parseFormat } from '../../numerics/formats';
import { Choice } from '../widgets/Choice';
import { useByHand } from './ByHand';
import { BY_TABLE, useFormatOptions } from './options';

interface Props {
  readonly site: string;
  readonly lane: number;
  /** What is written there. */
  readonly format: string;
  /** What was chosen for this very site. */
  readonly byHand: string | null;
  /** The cast is there because of formats by hand. */
  readonly added: boolean;
}

/** The format of a site, which can be chosen. It keeps its place while the numbers beside it change. */
export const FormatCell = memo(function FormatCell({ site, lane, format, byHand, added }: Props): ReactNode {
  const { t } = useTranslation();
  const set = useByHand(lane);
  const [table, ...formats] = useFormatOptions();
  const { label } = parseFormat(format);
  const shown = byHand ?? BY_TABLE;
  const options = [{ id: table.id, text: byHand === null ? label : table.text }, ...formats];
  return (
    <>
      <Choice
        bare
        className="format-choice"
        label={t('layers.byHand.formatOf', { place: site })}
        value={shown}
        options={options}
        onChange={(id) => set(site, id === BY_TABLE ? null : id)}
      />
      {byHand !== null && <span className="mark-by-hand">{t('layers.byHand.mark')}</span>}
      {added && <span className="mark-added">{t('layers.byHand.addedMark')}</span>}
    </>
  );
});
