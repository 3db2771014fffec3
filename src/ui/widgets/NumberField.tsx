import { useId, type ComponentProps, type ReactNode } from 'react';
import { FieldLabel } from './FieldLabel';
import { NumberInput } from './NumberInput';

type Props = Omit<ComponentProps<typeof NumberInput>, 'id'> &
  Pick<ComponentProps<typeof FieldLabel>, 'restarts' | 'changed' | 'onDefault'>;

/** A labelled number field in a row of its own. */
export function NumberField({ restarts, changed, onDefault, ...input }: Props): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <FieldLabel id={`${id}-label`} htmlFor={id} restarts={restarts} changed={changed} onDefault={onDefault}>
        {input.label}
      </FieldLabel>
      <NumberInput id={id} {...input} />
    </div>
  );
}
