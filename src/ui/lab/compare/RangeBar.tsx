import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormatFacts } from '../../../analysis/format-facts';

const LOW = -152;
const HIGH = 132;

export const RANGE_TICKS = [-128, -96, -64, -32, 0, 32, 64, 96];

/** Where a power of two stands on the axis, 0 to 1. */
export const rangePosition = (exponent: number): number => (exponent - LOW) / (HIGH - LOW);

/** Where the values of a format lie: subnormals pale, normals full. */
export function RangeBar({ facts, label }: { facts: FormatFacts; label: string }): ReactNode {
  const { t } = useTranslation();
  const { lowest, lowestNormal, highest } = facts;
  const place = (from: number, to: number) => ({
    left: `${rangePosition(from) * 100}%`,
    width: `${(rangePosition(to) - rangePosition(from)) * 100}%`,
  });
  const text = t('lab.compare.bar', {
    label,
    lowest: lowest.toFixed(0),
    normal: lowestNormal.toFixed(0),
    highest: highest.toFixed(1),
  });
  return (
    <div className="range-bar">
      <span className="hidden">{text}</span>
      {RANGE_TICKS.map((exponent) => (
        <i key={exponent} style={{ left: `${rangePosition(exponent) * 100}%` }} aria-hidden="true" />
      ))}
      <b className="range-subnormal" style={place(lowest, lowestNormal)} aria-hidden="true" />
      <b className="range-normal" style={place(lowestNormal, highest)} aria-hidden="true" />
    </div>
  );
}
