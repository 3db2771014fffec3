import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatColor } from '../../lanes';
import { Panel } from '../../widgets/Panel';
import { useLab } from '../use-lab';
import { BitStrip } from './BitStrip';
import { Facts } from './Facts';
import { FormatPicker } from './FormatPicker';
import { Formula } from './Formula';
import { Landmarks, NumberEntry } from './NumberEntry';
import './number.css';

/** One number in one format: how it is typed, its bits, its formula, and what lies around it. */
export function NumberPanel(): ReactNode {
  const { t } = useTranslation();
  const { value } = useLab();
  return (
    <Panel
      className="number-panel"
      title={t('lab.number.title')}
      note={t('lab.number.note', {
        label: value.format.label,
        exponent: value.format.exponentBits,
        significand: value.format.significandBits,
        bias: value.format.bias,
      })}
    >
      <div className="number-grid" style={{ '--hue': formatColor(value.format.name) } as CSSProperties}>
        <div className="number-controls">
          <FormatPicker />
          <NumberEntry />
          <Landmarks />
        </div>
        <div className="number-bits">
          <BitStrip />
          <Formula value={value} />
          <Facts />
        </div>
      </div>
    </Panel>
  );
}
