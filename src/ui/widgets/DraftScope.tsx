import { createContext, useMemo, type ReactNode } from 'react';

interface Scope {
  readonly key: string;
  /** Told +1 when a field cannot take its text, and -1 when that is over. */
  readonly onUnsettled?: (change: 1 | -1) => void;
}

export const DraftContext = createContext<Scope>({ key: '' });

interface Props {
  /** What the fields belong to: with another one, what was typed into them and not taken is gone. */
  readonly of: string;
  readonly onUnsettled?: Scope['onUnsettled'];
  readonly children: ReactNode;
}

/** Number fields that belong together. */
export function DraftScope({ of, onUnsettled, children }: Props): ReactNode {
  const scope = useMemo(() => ({ key: of, onUnsettled }), [of, onUnsettled]);
  return <DraftContext value={scope}>{children}</DraftContext>;
}
