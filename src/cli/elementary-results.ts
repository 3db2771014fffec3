/** The file with the exhaustive measurements of the elementary functions, and what goes into it. */
import { existsSync } from 'node:fs';
import type { ElementaryName, Survey } from '../examination/elementary-survey';
import { KEPT_DIGITS, type DigestsOfChunks } from './exhaustive';
import { readJson, writeBytes } from './files';

/** npm runs scripts with the repository as working directory. */
export const RESULTS_FILE = 'src/numerics/testdata/elementary.json';

export interface ElementaryResult extends Omit<Survey, 'worst' | 'firstWrong'>, DigestsOfChunks {
  /** Patterns, 0x and eight digits. */
  readonly worst: string;
}

export type ElementaryResults = Partial<Record<ElementaryName, ElementaryResult>>;

export async function readResults(path: string): Promise<ElementaryResults> {
  return existsSync(path) ? ((await readJson(path)) as ElementaryResults) : {};
}

/** In lines, as the repository's formatter has it. */
export const writeResults = (path: string, results: ElementaryResults): Promise<void> =>
  writeBytes(path, new TextEncoder().encode(`${JSON.stringify(results, null, 2)}\n`));

/** The digits that a result has for this chunk. */
export const keptDigits = ({ chunks }: ElementaryResult, chunk: number): string =>
  chunks.slice(chunk * KEPT_DIGITS, (chunk + 1) * KEPT_DIGITS);
