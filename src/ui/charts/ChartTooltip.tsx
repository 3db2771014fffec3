import type { ReactNode } from 'react';
import type { TooltipContentProps } from 'recharts';
import { useTranslation } from 'react-i18next';
import { countText } from '../i18n';
import type { Row } from './RunChart';

export interface TooltipLine {
  readonly text: string;
  readonly color?: string;
  /** Stands at the right end of the line. */
  readonly value?: string;
}

export type TooltipLines = readonly TooltipLine[];

interface Props<RowType extends Row> extends Partial<TooltipContentProps> {
  readonly lines: (row: RowType) => TooltipLines;
}

/** The read-out at the pointer: which steps, and their values. */
export function ChartTooltip<RowType extends Row>({ active, payload, lines }: Props<RowType>): ReactNode {
  const { t } = useTranslation();
  const row = payload?.[0]?.payload as RowType | undefined;
  if (!active || !row) return null;
  const heading =
    row.to - row.from > 1
      ? t('chart.steps', { from: countText(row.from), to: countText(row.to - 1) })
      : t('chart.step', { step: countText(row.from) });
  return (
    <div className="chart-tooltip tabular">
      <strong>{heading}</strong>
      {lines(row).map((line) => (
        <div key={line.text} className="chart-tooltip-line">
          {line.color !== undefined && (
            <span className="chart-tooltip-swatch" style={{ background: line.color }} aria-hidden="true" />
          )}
          <span>{line.text}</span>
          {line.value !== undefined && <span className="chart-tooltip-value">{line.value}</span>}
        </div>
      ))}
    </div>
  );
}
