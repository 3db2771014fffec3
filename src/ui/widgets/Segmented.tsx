import type { ReactNode } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { Option } from './Choice';

interface Props<Id extends string> {
  readonly label: string;
  readonly value: Id;
  readonly options: readonly Option<Id>[];
  readonly onChange: (id: Id) => void;
}

/** A few alternatives side by side. */
export function Segmented<Id extends string>({ label, value, options, onChange }: Props<Id>): ReactNode {
  return (
    <ToggleButtonGroup
      className="segmented"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = options.find(({ id }) => keys.has(id));
        if (chosen) onChange(chosen.id);
      }}
    >
      {options.map(({ id, text }) => (
        <ToggleButton key={id} id={id} className="segment">
          {text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
