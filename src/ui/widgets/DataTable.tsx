import { useState, type ReactNode } from 'react';
import { Icon } from './icons';
import { ValueLink } from './ValueLink';

/** A text, or a number that the format lab shows. */
export type Cell = string | { readonly text: string; readonly value: number; readonly format: string };

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

interface Props {
  /** On the button that opens it. */
  readonly title: string;
  readonly columns: readonly string[];
  /** Asked for only while the table is open. */
  readonly rows: () => readonly (readonly Cell[])[];
}

/** The numbers of a chart as a table, folded away until asked for. */
export function DataTable({ title, columns, rows }: Props): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details className="data-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={title} title={title}>
        <Icon name="table" />
      </summary>
      <div className="data-table-body">
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(open ? rows() : []).map((cells) => (
              <tr key={cells.map(textOf).join('\u0000')}>
                {cells.map((cell, column) => (
                  <td key={columns[column]}>
                    {typeof cell === 'string' ? (
                      cell
                    ) : (
                      <ValueLink value={cell.value} format={cell.format}>
                        {cell.text}
                      </ValueLink>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
