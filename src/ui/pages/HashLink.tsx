import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { useApp } from '../store/react';

interface Props extends Omit<ComponentProps<'a'>, 'href' | 'onClick'> {
  /** Without the `#`. */
  readonly hash: string;
  readonly children: ReactNode;
}

/** A link to a page of this app: opened in place, or by the browser where a key asks for a new tab or window. */
export function HashLink({ hash, children, ...attributes }: Props): ReactNode {
  const { navigator } = useApp();
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigator.open(hash);
  };
  return (
    <a {...attributes} href={`#${hash}`} onClick={open}>
      {children}
    </a>
  );
}
