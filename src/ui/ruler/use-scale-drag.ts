import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type FocusEventHandler,
  type KeyboardEvent,
  type KeyboardEventHandler,
  type PointerEvent,
  type PointerEventHandler,
} from 'react';
import { useController } from '../store/react';

/** Ends of the handle's way, in powers of two. A scale that lies beyond can be brought back step by step. */
export const MIN_EXPONENT = -24;
export const MAX_EXPONENT = 40;

const LARGE_STEP = 4;
const PAGE_STEP = 8;

/** Pixels that a pointer moves before it drags: a finger first has to show that it does not want to scroll. */
const MOUSE_THRESHOLD = 2;
const FINGER_THRESHOLD = 10;

/** Where the handle is taken hold of. */
interface Grip {
  /** The handle's middle on the screen. */
  readonly at: number;
  /** Pixels per power of two. */
  readonly unit: number;
}

interface Gesture extends Grip {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  /** Where the scale stood. */
  readonly from: number;
  dragging: boolean;
}

/** The scale that would be set if the hand let go now. */
interface Preview {
  readonly exponent: number;
  /** Where the pointer holds the handle; null while keys move it. */
  readonly at: number | null;
}

export interface PointerHandlers {
  readonly onPointerDown: PointerEventHandler<SVGElement>;
  readonly onPointerMove: PointerEventHandler<SVGElement>;
  readonly onPointerUp: PointerEventHandler<SVGElement>;
  readonly onPointerCancel: PointerEventHandler<SVGElement>;
}

export interface KeyHandlers {
  readonly onKeyDown: KeyboardEventHandler;
  readonly onKeyUp: KeyboardEventHandler;
  readonly onBlur: FocusEventHandler;
}

export interface ScaleDrag {
  readonly preview: Preview | null;
  readonly min: number;
  readonly max: number;
  readonly keys: KeyHandlers;
  pointer(grip: Grip): PointerHandlers;
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** Where a key takes a slider that stands at `from`, perhaps between two powers; null for other keys. */
export function keyTarget(key: string, shift: boolean, from: number): number | null {
  const up = (by: number): number => Math.floor(from) + by;
  const down = (by: number): number => Math.ceil(from) - by;
  const step = shift ? LARGE_STEP : 1;
  if (key === 'ArrowRight' || key === 'ArrowUp') return up(step);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return down(step);
  if (key === 'PageUp') return up(PAGE_STEP);
  if (key === 'PageDown') return down(PAGE_STEP);
  if (key === 'End') return Infinity;
  return key === 'Home' ? -Infinity : null;
}

/** Calls back when Escape is pressed anywhere, before anybody else hears of it. */
function useEscape(active: boolean, cancel: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      cancel();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [active, cancel]);
}

/**
 * Sets a lane's loss scale with the pointer or with keys, one power of two at a time. While the handle is moved there
 * is a preview only; the run gets one value, when it is let go. Escape, a pointer that is taken away (the browser
 * scrolls after all) and another lane or experiment leave the scale as it was.
 *
 * @param enabled whether there is something to drag
 */
export function useScaleDrag(lane: number, scale: number, enabled: boolean): ScaleDrag {
  const controller = useController();
  const gesture = useRef<Gesture | null>(null);
  // Pointer events come faster than renderings, so what is shown is kept here too.
  const shown = useRef<Preview | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const exponent = Math.log2(scale);
  const min = Math.min(MIN_EXPONENT, Math.floor(exponent));
  const max = Math.max(MAX_EXPONENT, Math.ceil(exponent));

  const show = useCallback((next: Preview | null): void => {
    shown.current = next;
    setPreview(next);
  }, []);
  const cancel = useCallback((): void => {
    gesture.current = null;
    show(null);
  }, [show]);
  const letGo = (from: number): void => {
    const wanted = shown.current?.exponent ?? from;
    cancel();
    if (wanted !== from) controller.intervene(lane, 'scale', 2 ** wanted);
  };
  useEscape(preview !== null, cancel);
  // Also when it is another lane, or another experiment, that would get the value.
  useEffect(() => cancel, [lane, enabled, cancel]);

  const onPointerMove = (event: PointerEvent<SVGElement>): void => {
    const held = gesture.current;
    if (!held || held.pointer !== event.pointerId) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.dragging) {
      const isMouse = event.pointerType === 'mouse';
      if (Math.hypot(dx, dy) < (isMouse ? MOUSE_THRESHOLD : FINGER_THRESHOLD)) return;
      if (!isMouse && Math.abs(dy) >= Math.abs(dx)) {
        cancel();
        return;
      }
      held.dragging = true;
    }
    const moved = clamp(dx / held.unit, min - held.from, max - held.from);
    show({ exponent: Math.round(held.from + moved), at: held.at + moved * held.unit });
  };
  const pointer = (grip: Grip): PointerHandlers => ({
    onPointerDown: (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const { pointerId, clientX: x, clientY: y } = event;
      gesture.current = { ...grip, pointer: pointerId, x, y, from: Math.round(exponent), dragging: false };
    },
    onPointerMove,
    onPointerUp: (event) => {
      if (gesture.current?.pointer === event.pointerId) letGo(gesture.current.from);
    },
    onPointerCancel: (event) => {
      if (gesture.current?.pointer === event.pointerId) cancel();
    },
  });
  const letKeysGo = (): void => {
    if (shown.current?.at === null) letGo(exponent);
  };
  const keys: KeyHandlers = {
    onKeyDown: (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || gesture.current) return;
      const target = keyTarget(event.key, event.shiftKey, shown.current?.exponent ?? exponent);
      if (target === null) return;
      event.preventDefault();
      show({ exponent: clamp(target, min, max), at: null });
    },
    onKeyUp: (event: KeyboardEvent) => {
      if (keyTarget(event.key, event.shiftKey, 0) !== null) letKeysGo();
    },
    onBlur: letKeysGo,
  };
  return { preview, min, max, keys, pointer };
}
