/** The page's `public/` folder for tests, which run in the root of the project. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadFile } from '../tasks/task';

export const readPublic: ReadFile = (path) => readFile(join('public', path));
