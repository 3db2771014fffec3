import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { panned, zoomed, type View } from './geometry';

const KEY_PAN = 0.08;
const KEY_ZOOM = 1.5;
/** Factor per pixel of the wheel. */
const WHEEL = 1.0025;

interface Gestures {
  readonly ref: RefObject<HTMLElement | null>;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Panning by drag and arrow keys, zooming by wheel and plus and minus. The wheel belongs to the page unless Ctrl is held
 * or the line has the focus.
 */
export function useLineGestures(view: View, width: number, onView: (view: View | null) => void): Gestures {
  const ref = useRef<HTMLElement>(null);
  const drag = useRef<{ readonly x: number; readonly view: View } | null>(null);
  const latest = useRef({ view, width, onView });
  useEffect(() => {
    latest.current = { view, width, onView };
  });

  useEffect(() => {
    const element = ref.current;
    // React listens passively, and then the page would scroll along.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey && !element?.contains(document.activeElement)) return;
      event.preventDefault();
      const now = latest.current;
      const place = (event.clientX - (element?.getBoundingClientRect().left ?? 0)) / now.width;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      now.onView(
        sideways
          ? panned(now.view, event.deltaX / now.width)
          : zoomed(now.view, WHEEL ** event.deltaY, place),
      );
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  return {
    ref,
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { x: event.clientX, view };
    },
    onPointerMove: (event) => {
      if (drag.current) onView(panned(drag.current.view, (drag.current.x - event.clientX) / width));
    },
    onPointerUp: () => (drag.current = null),
    onKeyDown: (event) => {
      const keys: Record<string, () => View | null> = {
        ArrowLeft: () => panned(view, -KEY_PAN),
        ArrowRight: () => panned(view, KEY_PAN),
        '+': () => zoomed(view, 1 / KEY_ZOOM),
        '=': () => zoomed(view, 1 / KEY_ZOOM),
        '-': () => zoomed(view, KEY_ZOOM),
        Home: () => null,
      };
      if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onView(keys[event.key]());
    },
  };
}
