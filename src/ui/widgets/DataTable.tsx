import { useState, type ReactNode } from 'react';
import { Icon } from './icons';

interface Props {
  /** On the button that opens it. */
  readonly title: string;
  readonly columns: readonly string[];
  /** Asked for only while the table is open. */
  readonly rows: () => readonly (readonly string[])[];
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
              <tr key={cells.join('\u0000')}>
                {cells.map((cell, column) => (
                  <td key={columns[column]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
