import type { ReactNode } from 'react';
import { usePlotArea, useXAxisScale } from 'recharts';
import type { LaneStyle } from '../lanes';

interface Props {
  /** Per lane, the first step whose loss was infinite or NaN. */
  readonly steps: readonly (number | null)[];
  readonly styles: readonly LaneStyle[];
}

/** A cross at the top of the chart where a lane's loss stopped being a number. */
export function BadLossMarks({ steps, styles }: Props): ReactNode {
  const x = useXAxisScale();
  const area = usePlotArea();
  if (!x || !area) return null;
  return (
    <g aria-hidden="true" pointerEvents="none">
      {steps.map((step, lane) =>
        step === null ? null : (
          <path
            // A lane has no other identity here than its place.
            // oxlint-disable-next-line react/no-array-index-key
            key={lane}
            d="M-5 -5l10 10M5 -5l-10 10"
            transform={`translate(${x(step) ?? 0} ${area.y + 8 + 12 * lane})`}
            stroke={styles[lane].color}
            strokeWidth="2.5"
          />
        ),
      )}
    </g>
  );
}
