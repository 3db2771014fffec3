import type { ReactNode } from 'react';
import { racerStyle } from './styles';

/** A piece of a racer's line. */
export function RacerSwatch({ index }: { index: number }): ReactNode {
  const { color, dash } = racerStyle(index);
  return (
    <svg className="racer-swatch" width="22" height="10" aria-hidden="true">
      <line x1="1" x2="21" y1="5" y2="5" stroke={color} strokeWidth="3" strokeDasharray={dash} />
    </svg>
  );
}
