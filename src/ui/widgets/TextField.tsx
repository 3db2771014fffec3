import { useId, type ReactNode } from 'react';
import { FieldLabel } from './FieldLabel';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly readOnly?: boolean;
}

export function TextField({ label, onChange, ...input }: Props): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <FieldLabel id={`${id}-label`} htmlFor={id}>
        {label}
      </FieldLabel>
      <input
        id={id}
        className="text-input"
        type="text"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onFocus={(event) => input.readOnly && event.target.select()}
        {...input}
      />
    </div>
  );
}
