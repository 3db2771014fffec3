import { useId, type ReactNode } from 'react';
import {
  Button,
  Header,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';
import { FieldLabel } from './FieldLabel';

export interface Option<Id extends string> {
  readonly id: Id;
  readonly text: string;
  /** Heading under which it stands, together with the options around it that have the same. */
  readonly group?: string;
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
        <ListBox>
          {groupsOf(options).map(({ group, members }) =>
            group === undefined ? (
              members.map(item)
            ) : (
              <ListBoxSection key={group}>
                <Header className="option-group">{group}</Header>
                {members.map(item)}
              </ListBoxSection>
            ),
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

const item = <Id extends string>({ id, text }: Option<Id>): ReactNode => (
  <ListBoxItem key={id} id={id} textValue={text} className="option">
    {text}
  </ListBoxItem>
);

interface Group<Id extends string> {
  readonly group: string | undefined;
  readonly members: readonly Option<Id>[];
}

/** The options by group, in the order in which the groups first occur. */
function groupsOf<Id extends string>(options: readonly Option<Id>[]): readonly Group<Id>[] {
  const names = [...new Set(options.map(({ group }) => group))];
  return names.map((group) => ({ group, members: options.filter((option) => option.group === group) }));
}
