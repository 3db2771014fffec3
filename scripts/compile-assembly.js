/**
 * `node compile-assembly.js FOLDER ENTRY OPTION…`: the AssemblyScript compiler, with modules that are no files beside
 * the others: './generated/layout' is FOLDER/layout.ts (scripts/generated-modules.ts).
 */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const [folder, ...options] = process.argv.slice(2);

const { error } = await asc.main(options, {
  stderr: process.stderr,
  async readFile(name, base) {
    const generated = /\bgenerated\/[\w-]+\.ts$/.test(name);
    try {
      return await readFile(generated ? join(folder, basename(name)) : resolve(base, name), 'utf8');
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
