/** What the benchmark prints: text in columns. */
import type { Verdict } from './aims';
import {
  countingShare,
  cpuPerStep,
  extremes,
  othersOf,
  secondsPerStep,
  type Quantity,
  type Row,
  type Subject,
} from './rounds';

const NOTHING = '–';

/** Lines with the first column to the left and the others to the right. */
export function columns(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  '),
  );
}

/** Three significant digits, and no exponent. */
export function figure(value: number | null): string {
  if (value === null) return NOTHING;
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(6, digits));
}

export const percent = (share: number | null): string =>
  share === null ? NOTHING : `${(100 * share).toFixed(0)} %`;

/** The name of a row, for people. */
export const subjectName = ({ who, counting }: Pick<Subject, 'who' | 'counting'>): string =>
  counting ? who : `${who}, uncounted`;

/** What ratios are made with: plain JavaScript where it was measured. */
const BASELINE = 'js-hand';

const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

/** The rows of one task. Those that were measured without counters are a column of the others. */
export function rowsTable(rows: readonly Row[]): readonly string[] {
  const shown = rows.filter(({ counting }) => counting);
  const baseline = shown.find(({ who }) => who === BASELINE) ?? shown[0];
  const [baseSeconds, baseCpu] = [secondsPerStep(baseline), cpuPerStep(baseline)];
  const heading = [
    `${baseline.task}`,
    'lanes',
    'steps/s',
    '(least',
    'most)',
    'ms/step',
    'CPU ms/step',
    'others',
    'calls',
    'counting',
    'ready s',
    'speed ×',
    'CPU ×',
  ];
  const line = (row: Row): string[] => {
    const [seconds, cpu, others] = [secondsPerStep(row), cpuPerStep(row), othersOf(row)];
    const [least, most] = extremes(row);
    return [
      row.who,
      `${row.lanes}`,
      figure(1 / seconds),
      `(${figure(least)}`,
      `${figure(most)})`,
      figure(milliseconds(seconds)),
      figure(milliseconds(cpu)),
      others === null ? NOTHING : others.toFixed(2),
      row.dispatchesPerStep === null ? NOTHING : `${row.dispatchesPerStep}`,
      percent(countingShare(rows, row)),
      figure(row.secondsToFirstStep),
      figure(baseSeconds / seconds),
      figure(baseCpu === null || cpu === null ? null : baseCpu / cpu),
    ];
  };
  return columns([heading, ...shown.map(line)]);
}

/** With a star at the figure that decides. */
export function aimsTable(verdicts: readonly Verdict[]): readonly string[] {
  const line = ({ what, of, bound, time, cpuTime, met }: Verdict): string[] => {
    const cell = (value: number, quantity: Quantity): string =>
      `${figure(value)}${quantity === of ? '*' : ' '}`;
    return [
      what,
      'atLeast' in bound ? `>= ${bound.atLeast}` : `<= ${bound.atMost}`,
      cell(time, 'time'),
      cpuTime === undefined ? NOTHING : cell(cpuTime, 'CPU time'),
      met ? 'met' : 'not met',
    ];
  };
  return columns([['aim', 'bound', 'by time', 'by CPU time', ''], ...verdicts.map(line)]);
}
