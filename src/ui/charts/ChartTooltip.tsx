import type { ReactNode } from 'react';
import { Button, Group } from 'react-aria-components';
import type { TooltipContentProps } from 'recharts';
import { useTranslation } from 'react-i18next';
import { countText } from '../i18n';
import { Icon } from '../widgets/icons';
import { ValueLink } from '../widgets/ValueLink';
import type { Row } from './RunChart';

export interface TooltipLine {
  readonly text: string;
  readonly color?: string;
  /** Stands at the right end of the line. */
  readonly value?: string;
  /** The value as an FP32 number, where it is one; the format lab shows it. */
  readonly number?: number;
}

export type TooltipLines = readonly TooltipLine[];

interface Props<RowType extends Row> extends Partial<TooltipContentProps> {
  readonly lines: (row: RowType) => TooltipLines;
}

/** The read-out at the pointer: which steps, and their values. */
export function ChartTooltip<RowType extends Row>({ active, payload, lines }: Props<RowType>): ReactNode {
  const row = payload?.[0]?.payload as RowType | undefined;
  if (!active || !row) return null;
  return (
    <div className="chart-tooltip tabular">
      <strong>
        <Steps row={row} />
      </strong>
      {lines(row).map((line) => (
        <Line key={line.text} {...line}>
          {line.value}
        </Line>
      ))}
    </div>
  );
}

interface PinnedProps {
  readonly row: Row;
  readonly lines: TooltipLines;
  readonly onClose: () => void;
}

/** The read-out after a click: it stays, and its numbers open in the format lab. */
export function PinnedReadout({ row, lines, onClose }: PinnedProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Group className="chart-tooltip chart-pinned tabular" aria-label={t('chart.pinned')}>
      <div className="chart-pinned-heading">
        <strong>
          <Steps row={row} />
        </strong>
        <Button className="notice-close" aria-label={t('chart.unpin')} onPress={onClose}>
          <Icon name="close" />
        </Button>
      </div>
      {lines.map((line) => (
        <Line key={line.text} {...line}>
          {line.number === undefined ? (
            line.value
          ) : (
            <ValueLink value={line.number} format="fp32">
              {line.value}
            </ValueLink>
          )}
        </Line>
      ))}
    </Group>
  );
}

function Steps({ row }: { row: Row }): ReactNode {
  const { t } = useTranslation();
  return row.to - row.from > 1
    ? t('chart.steps', { from: countText(row.from), to: countText(row.to - 1) })
    : t('chart.step', { step: countText(row.from) });
}

function Line({ text, color, children }: TooltipLine & { children: ReactNode }): ReactNode {
  return (
    <div className="chart-tooltip-line">
      {color !== undefined && (
        <span className="chart-tooltip-swatch" style={{ background: color }} aria-hidden="true" />
      )}
      <span>{text}</span>
      {children !== undefined && <span className="chart-tooltip-value">{children}</span>}
    </div>
  );
}
