/**
 * Serves an earlier checkout of this project with today's benchmark in it, so that what a change has brought is measured
 * in one run, by turns. Everything comes from that checkout, shaders and Vite's configuration too, but for src/bench.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { InlineConfig, Plugin } from 'vite';
import { UsageError } from './errors';

const BENCH_FOLDER = join('src', 'bench');
const NEEDED = ['vite.config.ts', 'node_modules', join(BENCH_FOLDER, 'page.html')];

/** Stands for a backend that the checkout does not have yet; nobody asks for it there. */
const MISSING = '\0missing-backend';
const MISSING_CODE = `export const createWasmBackend = () => Promise.reject(new Error('this checkout has no such backend'));`;

function overlay(checkout: string): Plugin {
  const there = join(checkout, BENCH_FOLDER) + sep;
  const here = resolve(BENCH_FOLDER);
  return {
    name: 'amp-playground:bench-overlay',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (importer?.startsWith(there) !== true) return undefined;
      if (source.startsWith('./')) return `${there}${source.slice(2).replace(/\.ts$/, '')}.ts`;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found ?? (source.startsWith('../backends/') ? MISSING : undefined);
    },
    load(id) {
      if (id === MISSING) return MISSING_CODE;
      return id.startsWith(there) && id.endsWith('.ts')
        ? readFileSync(join(here, id.slice(there.length)), 'utf8')
        : undefined;
    },
  };
}

/** @throws {UsageError} when the folder is no checkout in which packages are installed */
export function earlierSources(folder: string): InlineConfig {
  const checkout = resolve(folder);
  const missing = NEEDED.find((file) => !existsSync(join(checkout, file)));
  if (missing !== undefined) {
    throw new UsageError(
      `--before: ${folder} is no checkout of this project with its packages: it has no ${missing}`,
    );
  }
  return { root: checkout, configFile: join(checkout, 'vite.config.ts'), plugins: [overlay(checkout)] };
}
