/** The examination as text that one can send to somebody. */
import type { Examination } from '../../engine/examination';

interface Row {
  readonly name: string;
  readonly cases: number;
  readonly differing: number;
  readonly example: string | null;
}

/** Both groups of checks, in the order of the page. */
export const rowsOf = (
  { arithmetic, rounding }: Examination,
  nameOf: (aspect: Examination['arithmetic'][number]['aspect']) => string,
): readonly Row[] => [...arithmetic.map((tally) => ({ name: nameOf(tally.aspect), ...tally })), ...rounding];

/** Markdown, with everything that is needed to compare two machines. */
export function reportText(
  examination: Examination,
  rows: readonly Row[],
  verdict: string,
  browser: string,
): string {
  const { adapter, details, features, tier, notes, digest } = examination;
  const known = Object.entries(details).filter(([, text]) => text !== '');
  return [
    '# AMP Playground: numerics of this device',
    '',
    verdict,
    '',
    `- adapter: ${adapter}`,
    ...known.map(([key, text]) => `- ${key}: ${text}`),
    `- features: ${features.join(', ')}`,
    `- kernels: ${tier}`,
    `- browser: ${browser}`,
    `- digest: ${digest}`,
    ...notes.map((note) => `- ${note}`),
    '',
    '| check | cases | differing | first difference |',
    '| --- | ---: | ---: | --- |',
    ...rows.map(
      ({ name, cases, differing, example }) => `| ${name} | ${cases} | ${differing} | ${example ?? ''} |`,
    ),
    '',
  ].join('\n');
}
