import type { ReactNode } from 'react';
import { usePlotArea, useXAxisScale } from 'recharts';
import type { BadLoss } from '../../analysis/history';
import type { LaneStyle } from '../lanes';

interface Props {
  readonly lanes: readonly BadLoss[];
  readonly styles: readonly LaneStyle[];
}

/** A cross at the top of the chart where a lane's loss stopped being finite: for good so far, or for the first time. */
export function BadLossMarks({ lanes, styles }: Props): ReactNode {
  const x = useXAxisScale();
  const area = usePlotArea();
  if (!x || !area) return null;
  return (
    <g aria-hidden="true" pointerEvents="none">
      {lanes.map(({ since, first }, lane) =>
        first === null ? null : (
          <path
            // A lane has no other identity here than its place.
            // oxlint-disable-next-line react/no-array-index-key
            key={lane}
            d="M-5 -5l10 10M5 -5l-10 10"
            transform={`translate(${x(since ?? first) ?? 0} ${area.y + 8 + 12 * lane})`}
            stroke={styles[lane].color}
            strokeWidth="2.5"
          />
        ),
      )}
    </g>
  );
}
