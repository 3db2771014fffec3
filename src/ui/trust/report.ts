/** The examination as text that one can send to somebody. */
import type { Examination } from '../../examination/examination';
import { messageText } from '../../i18n/said';
import type { RoundingMode } from '../../numerics/formats';

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
  directionOf: (mode: RoundingMode) => string,
): readonly Row[] => [
  ...arithmetic.map((tally) => ({ name: nameOf(tally.aspect), ...tally })),
  ...rounding.map(({ mode, ...tally }) => ({
    ...tally,
    name: mode === 'nearest-even' ? tally.name : `${tally.name} · ${directionOf(mode)}`,
  })),
];

/** An error in units of the last place; infinite where a result has the wrong kind, such as a NaN for a number. */
export const ulpText = (ulp: number | null): string => {
  if (ulp === null) return '–';
  return ulp < 1000 ? ulp.toFixed(2) : ulp === Infinity ? '∞' : ulp.toExponential(1);
};

/** Markdown, with everything that is needed to compare two machines. */
export function reportText(
  examination: Examination,
  rows: readonly Row[],
  verdict: string,
  browser: string,
): string {
  const { adapter, details, features, limits, tier, notes, digest, native } = examination;
  const known = Object.entries(details).filter(([, text]) => text !== '');
  return [
    '# AMP Playground: numerics of this device',
    '',
    verdict,
    '',
    `- adapter: ${adapter}`,
    ...known.map(([key, text]) => `- ${key}: ${text}`),
    `- features: ${features.join(', ')}`,
    ...Object.entries(limits).map(([name, limit]) => `- ${name}: ${limit}`),
    `- kernels: ${tier}`,
    `- browser: ${browser}`,
    `- digest: ${digest}`,
    ...notes.map((note) => `- ${messageText(note)}`),
    '',
    '| check | cases | differing | first difference |',
    '| --- | ---: | ---: | --- |',
    ...rows.map(
      ({ name, cases, differing, example }) => `| ${name} | ${cases} | ${differing} | ${example ?? ''} |`,
    ),
    '',
    '## Operations of the device that the playground does not use',
    '',
    '| operation | cases | not the right result | largest error in ulp | first difference |',
    '| --- | ---: | ---: | ---: | --- |',
    ...[...native.f32, ...(native.f16 ?? [])].map(
      ({ operation, cases, differing, maxUlp, example }) =>
        `| ${operation} | ${cases} | ${differing} | ${ulpText(maxUlp)} | ${example ?? ''} |`,
    ),
    ...(native.f16 === null ? ['', 'The device has no 16-bit floats (shader-f16).'] : []),
    '',
  ].join('\n');
}
