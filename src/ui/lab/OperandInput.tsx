import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { answerTyped, refused, TAKEN } from '../widgets/answers';
import { useDraft } from '../widgets/use-draft';
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
  // A link, or another format, may have brought it here.
  const isNone = readOperand(text, value.format, value.mode) === null;
  const { input, note } = useDraft(text, (typed) =>
    answerTyped(typed, t('lab.operand.examples'), (settled) => {
      if (readOperand(settled, value.format, value.mode) === null) {
        return refused(t('lab.operand.notInFormat', { label: value.format.label }));
      }
      if (settled !== text) onChange(settled);
      return TAKEN;
    }),
  );
  return (
    <div className="operand">
      <input {...input} aria-label={label} aria-describedby={input['aria-describedby'] ?? id} />
      {note ?? (
        <span id={id} className={isNone ? 'field-error' : 'lab-hint mono'}>
          {isNone && t('lab.operand.notInFormat', { label: value.format.label })}
          {operand.rounding && `→ ${valueText(operand.bits)}`}
        </span>
      )}
    </div>
  );
}
