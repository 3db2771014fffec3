import { useId, useRef, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bound } from '../../numerics/bound';
import type { Gesture } from '../store/live-changes';
import { FieldLabel } from './FieldLabel';
import { Icon } from './icons';
import { NumberInput, type Offer } from './NumberInput';
import { ValueLink } from './ValueLink';

/** Where the values of a slider stand: positions are integers. */
export interface SliderScale {
  readonly min: number;
  readonly max: number;
  /** Position of a value, perhaps between two integers. */
  position(value: number): number;
  value(position: number): number;
  /** As the field shows it. */
  text(value: number): string;
  /** As a screen reader says it. */
  spoken(value: number): string;
}

interface Props {
  readonly label: string;
  readonly value: number;
  readonly scale: SliderScale;
  readonly bound: Bound;
  /** @param gesture whether the slider is still held; absent for a value that was typed */
  readonly onChange: (value: number, gesture?: Gesture) => void;
  readonly offer?: (value: number) => Offer | null;
  readonly disabled?: boolean;
  readonly changed?: boolean;
  readonly onDefault?: () => void;
  /** The number can be looked at in the format lab. */
  readonly lens?: boolean;
}

const clamp = (value: number, { min, max }: SliderScale): number => Math.min(max, Math.max(min, value));

/** A slider with a number field. Arrow keys move one position, with Shift four. */
export function NumberSlider(props: Props): ReactNode {
  const { label, value, scale, bound, onChange, offer, disabled, changed, onDefault, lens } = props;
  const { t } = useTranslation();
  const id = useId();
  const moved = useRef(false);
  const position = clamp(Math.round(scale.position(value)), scale);
  const moveTo = (next: number): void => {
    const target = scale.value(clamp(next, scale));
    if (target === value) return;
    moved.current = true;
    onChange(target, 'move');
  };
  const letGo = (): void => {
    if (moved.current) onChange(value, 'end');
    moved.current = false;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (direction === undefined || !event.shiftKey) return;
    event.preventDefault();
    moveTo(position + 4 * direction);
  };
  const fraction = (position - scale.min) / (scale.max - scale.min);
  return (
    <div className="slider">
      <span className="slider-label">
        <FieldLabel id={`${id}-label`} htmlFor={id} changed={changed} onDefault={onDefault}>
          {label}
        </FieldLabel>
        {lens && (
          <ValueLink value={value} format="fp32" tabIndex={0} className="lens">
            <Icon name="lens" />
            <span className="hidden">{scale.text(value)}</span>
          </ValueLink>
        )}
      </span>
      <NumberInput
        label={label}
        spokenLabel={t('number.field', { label })}
        value={value}
        format={(number) => scale.text(number)}
        bound={bound}
        onChange={(typed) => onChange(typed)}
        stepped={(_, direction, large) => scale.value(clamp(position + direction * (large ? 4 : 1), scale))}
        offer={offer}
        disabled={disabled}
      />
      <input
        id={id}
        type="range"
        min={scale.min}
        max={scale.max}
        step={1}
        value={position}
        disabled={disabled}
        aria-valuetext={scale.spoken(value)}
        style={{ '--fraction': fraction } as CSSProperties}
        onChange={(event) => moveTo(Number(event.target.value))}
        onKeyDown={onKeyDown}
        onKeyUp={letGo}
        onPointerUp={letGo}
        onPointerCancel={letGo}
        onBlur={letGo}
      />
    </div>
  );
}
