/** Tells whether something built from the sources is still up to date. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where this repository keeps what it can make again; `npm ci` clears it. */
export const cache = join(root, 'node_modules', '.cache', 'amp-playground');

const INPUTS = [
  'index.html',
  'public',
  'scripts',
  'shaders',
  'src',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
];

/**
 * A hash of the path, size and time of every file that a build reads. Cheaper than reading them, and unlike "newer
 * than" it notices files that went or came back.
 */
export function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    const path = join(root, input);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const files = isFolder ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [''];
    for (const file of files) {
      const status = statSync(join(path, file), { throwIfNoEntry: false });
      hash.update(`${input}/${file} ${status?.size} ${status?.mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
