import { useMemo, type ReactNode, type SVGProps } from 'react';
import { useXAxisScale, useYAxisScale } from 'recharts';
import type { Row } from './RunChart';

interface Props<RowType extends Row> extends Pick<
  SVGProps<SVGPathElement>,
  'stroke' | 'strokeWidth' | 'strokeOpacity' | 'strokeDasharray'
> {
  readonly rows: readonly RowType[];
  readonly value: (row: RowType) => number | null;
}

/**
 * A line in the background, without dots, labels and tooltip. Recharts' own Line prepares all of these for every
 * point, which is too much for curves that only stand behind others.
 */
export function PlainLine<RowType extends Row>({ rows, value, ...stroke }: Props<RowType>): ReactNode {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const path = useMemo(() => (x && y ? pathOf(rows, value, x, y) : ''), [rows, value, x, y]);
  return <path d={path} fill="none" pointerEvents="none" aria-hidden="true" {...stroke} />;
}

type Scale = (value: number) => number | undefined;

function pathOf<RowType extends Row>(
  rows: readonly RowType[],
  value: (row: RowType) => number | null,
  x: Scale,
  y: Scale,
): string {
  let pen = 'M';
  const parts: string[] = [];
  for (const row of rows) {
    const level = value(row);
    const top = level === null ? undefined : y(level);
    if (top === undefined || !Number.isFinite(top)) {
      pen = 'M';
      continue;
    }
    parts.push(`${pen}${(x(row.step) ?? 0).toFixed(1)} ${top.toFixed(1)}`);
    pen = 'L';
  }
  return parts.join('');
}
