import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Gesture } from '../store/live-changes';
import { useController } from '../store/react';

export const MIN_EXPONENT = -24;
export const MAX_EXPONENT = 40;

const clamp = (exponent: number): number => Math.min(MAX_EXPONENT, Math.max(MIN_EXPONENT, exponent));

interface Drag {
  readonly x: number;
  readonly exponent: number;
}

/**
 * Sets a lane's loss scale with the pointer or with arrow keys, one power of two at a time.
 *
 * @param exponent where the scale stands now
 * @param unit pixels per power of two
 * @param onDrag told while the scale is dragged, and null when it is let go
 */
export function useScaleDrag(
  lane: number,
  exponent: number,
  unit: number,
  onDrag: (exponent: number | null) => void,
) {
  const controller = useController();
  const start = useRef<Drag | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);

  const drag = (next: number | null): void => {
    setDragged(next);
    onDrag(next);
  };
  const end = (): void => {
    if (start.current !== null && dragged !== null && dragged !== start.current.exponent) set(dragged, 'end');
    start.current = null;
    drag(null);
  };
  const set = (next: number, gesture: Gesture): void =>
    controller.intervene(lane, 'scale', 2 ** next, { gesture });
  const pointer = {
    onPointerDown: (event: PointerEvent<SVGElement>): void => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = { x: event.clientX, exponent };
      drag(exponent);
    },
    onPointerMove: (event: PointerEvent<SVGElement>): void => {
      if (!start.current) return;
      const next = clamp(Math.round(start.current.exponent + (event.clientX - start.current.x) / unit));
      if (next === dragged) return;
      drag(next);
      set(next, 'move');
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    set(clamp(exponent + direction * (event.shiftKey ? 4 : 1)), 'move');
  };
  return { dragged, pointer, onKeyDown };
}
