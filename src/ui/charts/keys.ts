/**
 * Accessors of a row's columns for Recharts. It would parse a path like `values[0]` again for every point, and takes
 * a new function for a new line, so that each accessor exists once.
 */
type Column = 'values' | 'smooth' | 'percent' | 'others';
type Row = Partial<Readonly<Record<Column, readonly (number | null)[]>>>;

const known = new Map<string, (row: Row) => number | null>();

export function keyOf(column: Column, index: number): (row: Row) => number | null {
  const name = `${column} ${index}`;
  const key = known.get(name) ?? ((row: Row) => row[column]?.[index] ?? null);
  known.set(name, key);
  return key;
}
