/** `npm start`: builds the page if its sources have changed, serves it, and opens it in the browser. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { cache, fingerprint, root } from './fingerprint.js';

const page = join(root, 'dist', 'index.html');
const stamp = join(cache, 'page');

/** The state of the sources and of the page; the latter because `npm run build` also writes the page. */
const state = () => `${fingerprint()} ${statSync(page, { throwIfNoEntry: false })?.mtimeMs}`;

/**
 * Opens the address with what the system has for it. Where that is nothing (a server, a container) the printed
 * address has to do.
 *
 * @param {string} url
 */
function open(url) {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => console.log('  No browser could be opened from here; open the address above in one.'))
    .unref();
}

if (!existsSync(page) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== state()) {
  await build({ root, logLevel: 'warn' });
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, state());
}
const server = await preview({ root });
const url = server.resolvedUrls?.local[0];
if (url === undefined) throw new Error('the server has no local address');
console.log(`AMP Playground: ${url}`);
open(url);
