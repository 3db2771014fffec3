import type { ReactNode } from 'react';
import { useSelect } from '../store/react';

/** What a screen reader hears about the run, at most once in two seconds. */
export function LiveRegion(): ReactNode {
  const text = useSelect((state) => state.announcement);
  return (
    <p className="hidden" role="log" aria-live="polite" aria-atomic="true">
      {text}
    </p>
  );
}
