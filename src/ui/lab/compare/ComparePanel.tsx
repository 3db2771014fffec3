import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { factsOf } from '../../../analysis/format-facts';
import { powerLabel, powerText, shortNumber } from '../../../analysis/numbers';
import { FORMATS, type NumberFormat } from '../../../numerics/formats';
import { countText } from '../../i18n';
import { formatColor } from '../../lanes';
import { Panel } from '../../widgets/Panel';
import { ScrollArea } from '../ScrollArea';
import { RangeBar, RANGE_TICKS, rangePosition } from './RangeBar';
import './compare.css';

/** Ranges and precision of all named formats, on one axis of powers of two. */
export function ComparePanel(): ReactNode {
  const { t } = useTranslation();
  const headings = [
    t('lab.compare.precision'),
    t('lab.compare.epsilon'),
    t('lab.compare.largest'),
    t('lab.compare.smallestNormal'),
    t('lab.compare.smallest'),
    t('lab.compare.values'),
    t('lab.compare.specials'),
  ];
  return (
    <Panel title={t('lab.compare.title')} note={t('lab.compare.note')}>
      <ScrollArea title={t('lab.compare.title')}>
        <table className="lab-table compare-table tabular">
          <thead>
            <tr>
              <th scope="col">{t('lab.compare.format')}</th>
              <th scope="col" className="compare-axis">
                <span className="hidden">{t('lab.compare.range')}</span>
                <div className="compare-ticks" aria-hidden="true">
                  {RANGE_TICKS.map((exponent) => (
                    <span key={exponent} style={{ left: `${rangePosition(exponent) * 100}%` }}>
                      {powerLabel(exponent)}
                    </span>
                  ))}
                </div>
              </th>
              {headings.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.values(FORMATS).map((format) => (
              <Row key={format.name} format={format} />
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}

function Row({ format }: { format: NumberFormat }): ReactNode {
  const { t } = useTranslation();
  const facts = factsOf(format);
  return (
    <tr style={{ '--hue': formatColor(format.name) } as CSSProperties}>
      <th scope="row">
        <span className="format-dot" aria-hidden="true" />
        {format.label}
      </th>
      <td>
        <RangeBar facts={facts} label={format.label} />
      </td>
      <td>
        {t('lab.compare.bits', {
          bits: t('count.bits', { count: facts.precision }),
          digits: facts.decimalDigits.toFixed(1),
        })}
      </td>
      <td className="mono">{powerText(format.epsilon)}</td>
      <td className="mono">{shortNumber(format.maxFinite)}</td>
      <td className="mono">{powerText(format.minNormal)}</td>
      <td className="mono">{powerText(format.minSubnormal)}</td>
      <td className="mono">{countText(facts.finiteValues)}</td>
      <td>{specials(facts, t('lab.compare.noSpecials'))}</td>
    </tr>
  );
}

function specials(
  { infinities, nanCodes }: Pick<ReturnType<typeof factsOf>, 'infinities' | 'nanCodes'>,
  none: string,
): string {
  const parts = [
    infinities > 0 ? '±∞' : '',
    nanCodes > 0 ? `NaN${nanCodes > 1 ? ` × ${countText(nanCodes)}` : ''}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || none;
}
