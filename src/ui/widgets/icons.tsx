/** The few pictures on buttons, drawn as paths so that they look the same everywhere. */
import type { ReactNode } from 'react';

const PATHS = {
  reset: 'M3 3v4h4M3.4 7A5.5 5.5 0 1 1 2.6 9.5',
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  step: 'M2.5 3v10l6-5zM9 3v10l6-5z',
  dice: 'M2.5 2.5h11v11h-11zM5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01',
  theme: 'M8 2a6 6 0 1 0 0 12z',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  link: 'M6.5 9.5l3-3M5.2 7.5L3.6 9.1a2.3 2.3 0 0 0 3.3 3.3l1.6-1.6M10.8 8.5l1.6-1.6a2.3 2.3 0 0 0-3.3-3.3L7.5 5.2',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 6.3v6.7',
  lens: 'M7 2.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 0 0 0-8.4M10.2 10.2L13.5 13.5',
  language:
    'M2 4h7M5.5 2.5V4M7.8 4c-.7 2.6-2.7 4.6-5.3 5.6M3.7 6c.8 1.6 2.2 2.9 3.9 3.6M7.8 13.5L11 6.5l3.2 7M8.9 11.2h4.2',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
} as const;

const FILLED: readonly string[] = ['play', 'pause', 'step', 'theme'];
const DOTTED: readonly string[] = ['dice', 'more'];

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): ReactNode {
  const filled = FILLED.includes(name);
  return (
    <svg className="icon-glyph" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        strokeWidth={DOTTED.includes(name) ? 2 : 1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      {name === 'theme' && <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" />}
    </svg>
  );
}
