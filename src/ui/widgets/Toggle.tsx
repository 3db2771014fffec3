import type { ReactNode } from 'react';
import { Switch } from 'react-aria-components';

interface Props {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

export function Toggle({ label, value, onChange }: Props): ReactNode {
  return (
    <Switch className="switch" isSelected={value} onChange={onChange}>
      <span className="switch-track" aria-hidden="true" />
      {label}
    </Switch>
  );
}
