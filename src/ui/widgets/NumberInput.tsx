import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { parseNumber } from '../../analysis/numbers';
import { describeBound, withinBound, type Bound } from '../../experiment/bounds';

interface Props {
  readonly id?: string;
  /** For messages; the visible label stands elsewhere. */
  readonly label: string;
  /** For screen readers, where the label belongs to another control too. */
  readonly spokenLabel?: string;
  readonly value: number | null;
  /** How a value is written when the field is not being edited. */
  readonly format: (value: number) => string;
  readonly bound: Bound;
  readonly onChange: (value: number) => void;
  /** The value one arrow key up or down; `large` with Shift. */
  readonly stepped?: (value: number, direction: 1 | -1, large: boolean) => number;
  readonly onClear?: () => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

/** A text field for a number: `65536` and `2^16` are both understood; Enter or leaving the field sets it. */
export function NumberInput(props: Props): ReactNode {
  const { id, label, spokenLabel, value, format, bound, onChange, stepped, onClear, placeholder, disabled } =
    props;
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string | null>(null);
  const [invalid, setInvalid] = useState(false);
  const shown = draft ?? (value === null ? '' : format(value));

  const commit = (): void => {
    if (draft === null) return;
    const parsed = parseNumber(draft);
    const cleared = draft.trim() === '' && onClear !== undefined;
    const valid = cleared || (parsed !== null && withinBound(bound, parsed));
    setInvalid(!valid);
    if (!valid) return;
    setDraft(null);
    if (cleared) onClear();
    else if (parsed !== null && parsed !== value) onChange(parsed);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape' && draft !== null) {
      event.stopPropagation();
      setDraft(null);
      setInvalid(false);
    }
    if ((event.key === 'ArrowUp' || event.key === 'ArrowDown') && stepped && value !== null) {
      event.preventDefault();
      const next = stepped(value, event.key === 'ArrowUp' ? 1 : -1, event.shiftKey);
      setDraft(null);
      if (withinBound(bound, next)) onChange(next);
    }
  };
  return (
    <>
      <input
        id={id}
        className="text-input"
        type="text"
        inputMode="text"
        autoComplete="off"
        spellCheck={false}
        aria-label={spokenLabel ?? label}
        aria-invalid={invalid}
        placeholder={placeholder}
        disabled={disabled}
        value={shown}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={onKeyDown}
      />
      {invalid && (
        <span className="field-error" role="alert">
          {t('number.invalid', { label, bound: describeBound(bound) })}
        </span>
      )}
    </>
  );
}
