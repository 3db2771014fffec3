import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { binaryText } from '../text';
import { stepped, withCode } from '../state';
import { useLab } from '../use-lab';

type FieldName = 'sign' | 'exponent' | 'significand';

interface Field {
  readonly name: FieldName;
  /** Places from the top bit. */
  readonly from: number;
  readonly to: number;
}

/** The place under the pointer; bits are painted across, so the pointer leaves the one it was pressed on. */
function placeAt(event: PointerEvent): number | null {
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-place]');
  return under instanceof HTMLElement ? Number(under.dataset.place) : null;
}

/**
 * The bits of the number. A click toggles one and dragging paints the others with it; arrow keys move, Space toggles, up
 * and down step to the next value. One tab stop for all of them.
 */
export function BitStrip(): ReactNode {
  const { t } = useTranslation();
  const { value, update } = useLab();
  const { format, code } = value;
  const { storageBits, exponentBits } = format;
  const [active, setActive] = useState(0);
  /** The digit being painted, and the code from before. */
  const paint = useRef<{ readonly digit: string; readonly before: number } | null>(null);
  const group = useRef<HTMLDivElement>(null);
  const digits = binaryText(code, storageBits);
  const focused = Math.min(active, storageBits - 1);
  const all: readonly Field[] = [
    { name: 'sign', from: 0, to: 1 },
    { name: 'exponent', from: 1, to: 1 + exponentBits },
    { name: 'significand', from: 1 + exponentBits, to: storageBits },
  ];
  const fields = all.filter(({ from, to }) => from < to);

  const set = (place: number, digit: string): void =>
    update((state) => {
      const now = binaryText(state.number.kind === 'code' ? state.number.code : code, storageBits);
      return withCode(state, Number.parseInt(now.slice(0, place) + digit + now.slice(place + 1), 2));
    });
  const focus = (place: number): void => {
    setActive(place);
    group.current?.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = storageBits - 1;
    const moves: Record<string, number> = {
      ArrowLeft: Math.max(0, focused - 1),
      ArrowRight: Math.min(last, focused + 1),
      Home: 0,
      End: last,
    };
    if (event.key in moves) focus(moves[event.key]);
    else if (event.key === 'ArrowUp') update((state) => stepped(state, 1));
    else if (event.key === 'ArrowDown') update((state) => stepped(state, -1));
    else if (event.key === '0' || event.key === '1') set(focused, event.key);
    else return;
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent): void => {
    const place = placeAt(event);
    if (place === null || event.button !== 0) return;
    // The strip, not the bit, so that the other bits are told too.
    group.current?.setPointerCapture(event.pointerId);
    const digit = digits[place] === '1' ? '0' : '1';
    paint.current = { digit, before: code };
    set(place, digit);
    setActive(place);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (paint.current === null) return;
    const { digit } = paint.current;
    const place = placeAt(event);
    if (place !== null && digits[place] !== digit) set(place, digit);
  };
  /** The finger was there to scroll the page. */
  const onPointerCancel = (): void => {
    const before = paint.current?.before;
    paint.current = null;
    if (before !== undefined) update((state) => withCode(state, before));
  };
  return (
    <div
      ref={group}
      className={storageBits > 20 ? 'bits many' : 'bits'}
      role="toolbar"
      tabIndex={-1}
      aria-label={t('lab.bits.label', { format: format.label })}
      aria-describedby="bits-help"
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (paint.current = null)}
      onPointerCancel={onPointerCancel}
    >
      {fields.map(({ name, from, to }) => (
        <div key={name} className={`bit-field ${name}`}>
          <div className="bit-row">
            {digits
              .slice(from, to)
              .split('')
              .map((digit, index) => {
                const place = from + index;
                return (
                  <button
                    key={place}
                    type="button"
                    className="bit"
                    data-place={place}
                    aria-pressed={digit === '1'}
                    aria-label={t('lab.bits.bit', { field: t(`lab.bits.${name}`), bit: to - 1 - place })}
                    tabIndex={place === focused ? 0 : -1}
                    onFocus={() => setActive(place)}
                    // Pointers are answered when they go down; what remains are keys and assistive technology.
                    onClick={({ detail }) => detail === 0 && set(place, digit === '1' ? '0' : '1')}
                  >
                    {digit}
                  </button>
                );
              })}
          </div>
          <span className="bit-label">
            {t('lab.bits.field', { name: t(`lab.bits.${name}`), count: to - from })}
          </span>
        </div>
      ))}
      <p id="bits-help" className="hidden">
        {t('lab.bits.help')}
      </p>
    </div>
  );
}
