import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { readOperand, type Operand } from './state';
import { valueText } from './text';
import { useDraft } from './use-draft';
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
  const { draft, refused, input } = useDraft((typed) => {
    if (readOperand(typed, value.format, value.mode) === null) return false;
    if (typed !== text) onChange(typed);
    return true;
  });
  return (
    <span className="operand">
      <input
        {...input}
        aria-label={label}
        aria-invalid={refused}
        aria-describedby={`${id}-note`}
        value={draft ?? text}
      />
      <span id={`${id}-note`} className={refused ? 'field-error' : 'lab-hint mono'}>
        {refused ? t('lab.operand.invalid') : operand.rounding ? `→ ${valueText(operand.bits)}` : ''}
      </span>
    </span>
  );
}
