import { useId, type ReactNode } from 'react';

interface Props {
  readonly title: string;
  /** What the numbers are, at the right of the title. */
  readonly note?: ReactNode;
  /** The numbers of the picture, folded away (DataTable). */
  readonly table?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A card with a heading; a region that screen readers can jump to. */
export function Panel({ title, note, table, className, children }: Props): ReactNode {
  const id = useId();
  return (
    <section className={className ? `panel ${className}` : 'panel'} aria-labelledby={id}>
      <header className="panel-header">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <div className="panel-note">{note}</div>}
        {table}
      </header>
      {children}
    </section>
  );
}
