import { useId, type ReactNode } from 'react';
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import { FieldLabel } from './FieldLabel';

export interface Option<Id extends string> {
  readonly id: Id;
  readonly text: string;
}

interface Props<Id extends string> {
  readonly label: string;
  readonly value: Id | null;
  readonly options: readonly Option<Id>[];
  readonly onChange: (id: Id) => void;
  /** What the button shows when the value is none of the options. */
  readonly placeholder?: string;
  /** The label is for screen readers only. */
  readonly bare?: boolean;
  readonly restarts?: boolean;
  readonly changed?: boolean;
  readonly onDefault?: () => void;
  readonly className?: string;
}

/** A labelled list of which one entry is chosen. */
export function Choice<Id extends string>(props: Props<Id>): ReactNode {
  const { label, value, options, onChange, placeholder, bare, className, ...labelProps } = props;
  const labelId = useId();
  const select = (
    <Select
      className={className}
      aria-labelledby={bare ? undefined : labelId}
      aria-label={bare ? label : undefined}
      selectedKey={value}
      placeholder={placeholder}
      onSelectionChange={(key) => {
        const chosen = options.find(({ id }) => id === key);
        if (chosen && chosen.id !== value) onChange(chosen.id);
      }}
    >
      <Button className="choice-button">
        <SelectValue />
        <span className="choice-arrow" aria-hidden="true">
          ▼
        </span>
      </Button>
      <Popover className="popover">
        <ListBox items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className="option">
              {option.text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
  if (bare) return select;
  return (
    <div className="field">
      <FieldLabel id={labelId} {...labelProps}>
        {label}
      </FieldLabel>
      {select}
    </div>
  );
}
