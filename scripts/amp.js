/**
 * Runs src/cli/<entry>.ts: `node scripts/amp.js main …` is behind `npm run amp`.
 * The first argument names the entry, the others are the program's own.
 *
 * Node 20 cannot run the sources as they are (TypeScript, imports of .wgsl files), so Vite bundles them, once per
 * state of the sources: the bundle's folder carries a fingerprint of every file's path, size and time, and a run
 * that finds its folder only has to load it.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, fingerprint, root } from './fingerprint.js';

/** Bundles of other states are kept for a while: a run in progress may still load a part of its own. */
const KEEP_MS = 60 * 60 * 1000;

/**
 * Bundles into a folder of its own and moves it into place in one step, so that runs started at the same time
 * never see half a bundle.
 *
 * @param {string} entry
 * @param {string} folder
 */
async function bundle(entry, folder) {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const old = join(cache, name);
    if (Date.now() - (statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? 0) > KEEP_MS) {
      rmSync(old, { recursive: true, force: true });
    }
  }
  const temporary = mkdtempSync(join(cache, 'building-'));
  try {
    const { build } = await import('vite');
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: {
        ssr: `src/cli/${entry}.ts`,
        outDir: temporary,
        emptyOutDir: true,
        copyPublicDir: false,
        sourcemap: true,
        rolldownOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } },
      },
    });
    renameSync(temporary, folder);
  } catch (error) {
    // Somebody else's bundle of the same sources may have come first, and serves as well.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const [entry] = process.argv.splice(2, 1);
if (entry === undefined || !existsSync(join(root, 'src', 'cli', `${entry}.ts`))) {
  console.error('usage: node scripts/amp.js ENTRY [arguments], where src/cli/ENTRY.ts is the program');
  process.exit(2);
}
const folder = join(cache, `${entry}-${fingerprint()}`);
const program = join(folder, `${entry}.mjs`);
if (!existsSync(program)) await bundle(entry, folder);
process.setSourceMapsEnabled(true);
process.argv[1] = program;
await import(pathToFileURL(program).href);
