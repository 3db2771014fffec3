import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { readOperand, type Operand } from './state';
import { valueText } from './text';
import { useLab } from './use-lab';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly operand: Operand;
  readonly onChange: (text: string) => void;
}

/** A number typed in any way, and beneath it what the format makes of it. */
export function OperandInput({ label, text, operand, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const { value } = useLab();
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const [invalid, setInvalid] = useState(false);
  const commit = (): void => {
    if (draft === null) return;
    const valid = readOperand(draft, value.format, value.mode) !== null;
    setInvalid(!valid);
    if (!valid) return;
    setDraft(null);
    if (draft.trim() !== text) onChange(draft.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    if (event.key !== 'Escape') return;
    setDraft(null);
    setInvalid(false);
  };
  return (
    <span className="operand">
      <input
        className="text-input"
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        aria-invalid={invalid}
        aria-describedby={`${id}-note`}
        value={draft ?? text}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={onKeyDown}
      />
      <span id={`${id}-note`} className={invalid ? 'field-error' : 'lab-hint mono'}>
        {invalid ? t('lab.operand.invalid') : operand.rounding ? `→ ${valueText(operand.bits)}` : ''}
      </span>
    </span>
  );
}
