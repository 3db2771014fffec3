/**
 * Vite plugin: `import binary from './assembly/index.ts?kernels'` gives the AssemblyScript program that begins there as
 * WebAssembly, in base64. It is part of the bundle like any other code, so a worker, a test in Node and the command
 * line all get it in the same way, and no server has to know its type.
 *
 * The compiler needs some seconds, so a result is kept in the cache folder under a name that its sources determine.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Plugin } from 'vite';
import { cache, root } from './fingerprint.js';
import { assemblyModules } from './generated-modules.ts';

const QUERY = '?kernels';

/** 201 asks for a cast wherever an address is computed from a u32: for 64-bit memories, which these kernels do not have. */
const OPTIONS = [
  ['--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert'],
  ['--optimizeLevel', '3', '--disableWarning', '201'],
].flat();

const require = createRequire(import.meta.url);
const run = promisify(execFile);

const compiler = join(root, 'scripts', 'compile-assembly.js');

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(folder, name));

/** Names everything that the binary depends on. */
function fingerprint(sources: readonly string[], modules: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(JSON.stringify([OPTIONS, modules]));
  for (const file of [compiler, require.resolve('assemblyscript/package.json'), ...sources]) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Path of the compiled program. @throws {Error} with the compiler's messages, which name file and line */
async function compile(entry: string): Promise<string> {
  const modules = assemblyModules();
  const binary = join(cache, `kernels-${fingerprint(sourcesIn(dirname(entry)), modules)}.wasm`);
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  // Moved into place in one step, so that nobody reads half of it.
  const temporary = `${binary}.${process.pid}`;
  const folder = `${temporary}.generated`;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
  const files = [relative(root, entry), '--outFile', relative(root, temporary)];
  await run(process.execPath, [compiler, folder, ...files, ...OPTIONS], { cwd: root });
  renameSync(temporary, binary);
  rmSync(folder, { recursive: true });
  return binary;
}

export function assembly(): Plugin {
  return {
    name: 'amp-playground:assembly',

    load: {
      filter: { id: /\?kernels$/ },
      async handler(id) {
        const entry = id.slice(0, -QUERY.length);
        for (const source of sourcesIn(dirname(entry))) this.addWatchFile(source);
        const binary = readFileSync(await compile(entry)).toString('base64');
        return { code: `export default ${JSON.stringify(binary)};`, moduleType: 'js', map: { mappings: '' } };
      },
    },
  };
}
