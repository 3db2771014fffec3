/** Data files from the repository's public/ folder, as the page would fetch them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadFile } from '../tasks/task';

/** npm runs scripts with the repository as working directory. */
export const readDataFile: ReadFile = (path) =>
  Promise.resolve(new Uint8Array(readFileSync(join('public', path))));
