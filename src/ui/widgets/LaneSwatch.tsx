import type { ReactNode } from 'react';
import type { LaneStyle } from '../lanes';

/** A short stroke in a lane's colour and dashes. */
export function LaneSwatch({ style }: { style: LaneStyle }): ReactNode {
  return (
    <svg className="lane-swatch" viewBox="0 0 16 12" aria-hidden="true">
      {style.dash === undefined ? (
        <rect x="2" width="12" height="12" rx="3" fill={style.color} />
      ) : (
        <>
          <rect x="2" width="12" height="12" rx="3" fill={style.color} opacity="0.25" />
          <path d="M0 6h16" stroke={style.color} strokeWidth="4" strokeDasharray={style.dash} />
        </>
      )}
    </svg>
  );
}
