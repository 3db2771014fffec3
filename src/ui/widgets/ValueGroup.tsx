import { createContext, useEffect, useRef, type FocusEvent, type KeyboardEvent, type ReactNode } from 'react';

/** Whether a number has others around it with which it shares a tab stop. */
export const InValueGroup = createContext(false);

const linksIn = (group: HTMLElement): HTMLElement[] => [
  ...group.querySelectorAll<HTMLElement>('a.value-link'),
];

/** Makes one link the tab stop of its group, and no other. */
function makeStop(group: HTMLElement, stop: HTMLElement | undefined): void {
  for (const link of linksIn(group)) link.tabIndex = link === stop ? 0 : -1;
}

/** Numbers that are one tab stop together: arrow keys go from one to the next. */
export function ValueGroup({ children }: { children: ReactNode }): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  // Numbers come and go as the run does; there is to be a tab stop as long as there is one of them.
  useEffect(() => {
    const group = ref.current;
    if (!group) return undefined;
    const renew = (): void => {
      const links = linksIn(group);
      if (!links.some((link) => link.tabIndex === 0)) makeStop(group, links[0]);
    };
    renew();
    const observer = new MutationObserver(renew);
    observer.observe(group, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const group = ref.current;
    if (by === undefined || !group || !(event.target instanceof HTMLElement)) return;
    const links = linksIn(group);
    const at = links.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, at + by))].focus();
  };
  const onFocus = ({ target }: FocusEvent): void => {
    if (ref.current && target instanceof HTMLElement && target.matches('a.value-link')) {
      makeStop(ref.current, target);
    }
  };
  return (
    <InValueGroup value>
      {/* Keys and focus are those of the links within. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="value-group" ref={ref} onKeyDown={onKeyDown} onFocus={onFocus}>
        {children}
      </div>
    </InValueGroup>
  );
}
