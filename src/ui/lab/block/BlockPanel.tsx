import { useId, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shortNumber } from '../../../analysis/numbers';
import { BLOCK_FORMATS, roundBlocks } from '../../../numerics/blocks';
import { fromBits } from '../../../numerics/f32';
import { DEFAULT_RANDOM_BITS } from '../../../numerics/formats';
import { asked, refused, repeated, TAKEN } from '../../widgets/answers';
import { Panel } from '../../widgets/Panel';
import { useDraft } from '../../widgets/use-draft';
import { ScrollArea } from '../ScrollArea';
import { useLab } from '../use-lab';
import { blockBits, readBlock, wrongPart } from './block';
import './block.css';

const HOW = {
  mode: 'nearest-even',
  randomBits: DEFAULT_RANDOM_BITS,
  scaleRounding: 'floor',
  seed: 0,
} as const;

/** A few numbers under a shared scale, in each block format: one outlier, and the small ones are gone. */
export function BlockPanel(): ReactNode {
  const { t } = useTranslation();
  const { state } = useLab();
  const bits = useMemo(() => blockBits(state.block) ?? new Uint32Array(), [state.block]);
  const rows = useMemo(
    () => BLOCK_FORMATS.map((format) => ({ format, rounded: roundBlocks(bits, { ...HOW, format }) })),
    [bits],
  );
  return (
    <Panel title={t('lab.block.title')} note={t('lab.block.note')}>
      <BlockInput />
      <ScrollArea title={t('lab.block.title')}>
        <table className="lab-table block-table tabular">
          <thead>
            <tr>
              <th scope="col">{t('lab.block.format')}</th>
              {Array.from(bits, (u, i) => (
                <th key={i} scope="col" className="mono">
                  {shortNumber(fromBits(u))}
                </th>
              ))}
              <th scope="col">{t('lab.block.lost')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ format, rounded }) => (
              <tr key={format.name}>
                <th scope="row">{format.label}</th>
                {Array.from(rounded, (u, i) => (
                  <td key={i} className={isLost(bits[i], u) ? 'mono alarm' : 'mono'}>
                    {shortNumber(fromBits(u))}
                  </td>
                ))}
                <td>{rounded.filter((u, i) => isLost(bits[i], u)).length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}

const isZero = (u: number): boolean => fromBits(u) === 0;

const isLost = (before: number, after: number): boolean => !isZero(before) && isZero(after);

function BlockInput(): ReactNode {
  const { t } = useTranslation();
  const { state, update } = useLab();
  const id = useId();
  const { input, note } = useDraft(state.block, (typed) => {
    const lists = readBlock(typed);
    if (lists.length > 1) return asked(lists);
    if (lists.length === 0) {
      const wrong = wrongPart(typed);
      return refused(
        wrong === undefined ? t('lab.block.count') : t('lab.block.invalid', { text: repeated(wrong) }),
      );
    }
    const [block] = lists;
    if (block !== state.block) update((now) => ({ ...now, block }), 'push');
    return TAKEN;
  });
  return (
    <div className="field block-field">
      <label className="field-label" htmlFor={id}>
        {t('lab.block.numbers')}
      </label>
      <input id={id} {...input} aria-describedby={input['aria-describedby'] ?? `${id}-hint`} />
      {note ?? (
        <span id={`${id}-hint`} className="lab-hint">
          {t('lab.block.hint')}
        </span>
      )}
    </div>
  );
}
