import type { KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { readDouble } from '../../analysis/numbers';
import { describeBound } from '../../experiment/bounds';
import { withinBound, type Bound } from '../../numerics/bound';
import { messageText } from '../../i18n/said';
import { asked, refused, repeated, TAKEN, unreadable, type Answer } from './answers';
import { useDraft } from './use-draft';

/** Numbers that a field takes in place of one that it cannot take. */
export interface Offer {
  readonly why: string;
  readonly choices: readonly string[];
}

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
  /** Where not every number within the bound will do: one that does is offered, never put in its place. */
  readonly offer?: (value: number) => Offer | null;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

/** A text field for a number, in any notation that `readDouble` knows; Enter or leaving the field sets it. */
export function NumberInput(props: Props): ReactNode {
  const { id, label, spokenLabel, value, format, bound, onChange, stepped, placeholder, disabled } = props;
  const shown = value === null ? '' : format(value);
  const answer = useAnswer(props, shown);
  const { input, note, discard } = useDraft(shown, answer);
  const onKeyDown = (event: KeyboardEvent): void => {
    input.onKeyDown(event);
    if ((event.key === 'ArrowUp' || event.key === 'ArrowDown') && stepped && value !== null) {
      event.preventDefault();
      const next = stepped(value, event.key === 'ArrowUp' ? 1 : -1, event.shiftKey);
      discard();
      if (withinBound(bound, next)) onChange(next);
    }
  };
  return (
    <>
      <input
        id={id}
        {...input}
        inputMode="text"
        aria-label={spokenLabel ?? label}
        placeholder={placeholder}
        disabled={disabled}
        onKeyDown={onKeyDown}
      />
      {note}
    </>
  );
}

function useAnswer(props: Props, shown: string): (text: string) => Answer {
  const { t } = useTranslation();
  const { label, value, bound, onChange, onClear, offer } = props;
  const examples = t(bound.integer ? 'number.examplesWhole' : 'number.examples');
  const outside = refused(t('number.outside', { label, bound: messageText(describeBound(bound)) }));

  const set = (next: number): Answer => {
    const offered = offer?.(next);
    if (offered) return asked(offered.choices, offered.why);
    if (!withinBound(bound, next)) return outside;
    if (next !== value) onChange(next);
    return TAKEN;
  };
  /** What the field cannot take in any case is not asked about. */
  const isPossible = (text: string): boolean => {
    const reading = readDouble(text);
    return reading.kind === 'number' && withinBound(bound, reading.value);
  };
  return (text) => {
    // The field may show fewer digits than its value has.
    if (text === shown) return TAKEN;
    if (text === '' && onClear) {
      onClear();
      return TAKEN;
    }
    const reading = readDouble(text);
    switch (reading.kind) {
      case 'number':
        return set(reading.value);
      case 'ask': {
        const possible = reading.texts.filter(isPossible);
        return possible.length > 0 ? asked(possible) : outside;
      }
      case 'unreadable':
        return unreadable(text, examples);
      case 'bits':
      case 'tiny':
        return refused(t(`number.${reading.kind}`, { text: repeated(text), examples }));
    }
  };
}
