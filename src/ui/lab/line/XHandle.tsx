import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toNumber } from '../../../analysis/exact/rational';
import { typedNumber } from '../state';
import { realText, valueText } from '../text';
import { useLab } from '../use-lab';
import { atPixel, positionOf, toPixels, type View } from './geometry';

const LARGE = 10;

interface Props {
  readonly view: View;
  readonly width: number;
  /** Where the rounded value stands, in pixels. */
  readonly at: number | null;
  readonly onView: (view: View | null) => void;
}

/** A real number to drag; a line leads from it to the value that it rounds to. */
export function XHandle({ view, width, at, onView }: Props): ReactNode {
  const { t } = useTranslation();
  const { state, value, update } = useLab();
  const { axis } = state;
  const { real, bits, format, mode } = value;
  const grab = useRef<number | null>(null);
  if (real === null || (axis === 'log2' && real.n === 0n)) return null;
  const x = toNumber(real);
  const place = toPixels(view, width, positionOf(axis, x));
  const set = (pixel: number): void => {
    const next = atPixel(axis, view, width, Math.min(width, Math.max(0, pixel)), bits >>> 31 === 1);
    const number = typedNumber(String(next), format, mode);
    if (number) update((now) => ({ ...now, number, view }));
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grab.current = event.clientX - place;
    // The line must not follow the number while it is being dragged.
    onView(view);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (grab.current !== null) set(event.clientX - grab.current);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    set(Math.round(place) + direction * (event.shiftKey ? LARGE : 1));
  };
  return (
    <>
      <svg className="line-way" width={width} height="40" aria-hidden="true">
        {at !== null && Math.abs(at - place) > 1 && (
          <path d={`M${place} 30Q${(at + place) / 2} 26 ${at} 0`} />
        )}
      </svg>
      <div
        className="line-x"
        style={{ left: place }}
        hidden={place < -20 || place > width + 20}
        // An input could not stand at a place on the line, nor say what x rounds to in so many digits.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        role="slider"
        tabIndex={0}
        aria-label={t('lab.line.x')}
        aria-valuemin={axis === 'log2' ? -format.maxFinite : view.low}
        aria-valuemax={axis === 'log2' ? format.maxFinite : view.high}
        aria-valuenow={x}
        aria-valuetext={t('lab.line.xText', { x: realText(real), value: valueText(bits) })}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (grab.current = null)}
        onPointerCancel={() => (grab.current = null)}
        onKeyDown={onKeyDown}
      >
        <span className="mono">x = {realText(real)}</span>
      </div>
    </>
  );
}
