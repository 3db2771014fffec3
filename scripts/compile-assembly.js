/**
 * `node compile-assembly.js LAYOUT ENTRY OPTION…`: the AssemblyScript compiler, with one module that is no file beside
 * the others: './generated/layout' has the text of the file LAYOUT (scripts/layout-modules.ts).
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const [layout, ...options] = process.argv.slice(2);

const { error } = await asc.main(options, {
  stderr: process.stderr,
  async readFile(name, folder) {
    try {
      return await readFile(name.endsWith('generated/layout.ts') ? layout : resolve(folder, name), 'utf8');
    } catch {
      // The compiler tries several places for a module.
      return null;
    }
  },
});

if (error) {
  console.error(error.message);
  process.exit(1);
}
