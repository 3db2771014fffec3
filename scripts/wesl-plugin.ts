/**
 * Vite plugin: `import shader from '../../shaders/ops/linear.wgsl'` gives a ShaderSource (src/graph/shader.ts).
 * Every variant is linked at build time, so the page carries plain WGSL and no linker, and a wrong import in a shader
 * fails the build with its file and line. Variants differ in few declarations; each declaration is stored once.
 */
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';
import {
  SHADER_VARIANTS,
  ShaderError,
  ShaderLinker,
  variantIndex,
  variantIndexCode,
} from './shader-linker.ts';

/** In front of a line that begins a declaration or the comment to one. Where a text is cut changes nothing about it. */
const DECLARATION = /^(?=[^\s})])/m;

/** The module that stands for one shader file. */
async function shaderModule(linker: ShaderLinker, path: string): Promise<string> {
  const declarations = new Map<string, number>();
  const variants: Record<number, number[]> = {};
  for (const conditions of SHADER_VARIANTS) {
    const { text } = await linker.link(path, conditions);
    variants[variantIndex(conditions)] = text.split(DECLARATION).map((part) => {
      const known = declarations.get(part) ?? declarations.size;
      declarations.set(part, known);
      return known;
    });
  }
  return [
    `const declarations = ${JSON.stringify([...declarations.keys()])};`,
    `const variants = ${JSON.stringify(variants)};`,
    `const text = (conditions) => variants[${variantIndexCode}].map((part) => declarations[part]).join('');`,
    `export default { path: ${JSON.stringify(path)}, text };`,
  ].join('\n');
}

export function wesl(): Plugin {
  let folder = '';
  let linker: ShaderLinker | undefined;
  const isShader = (file: string): boolean => file.endsWith('.wgsl');

  return {
    name: 'amp-playground:wesl',

    configResolved(config) {
      folder = join(config.root, 'shaders');
    },

    load: {
      filter: { id: /\.wgsl$/ },
      async handler(id) {
        const path = relative(folder, id).replaceAll('\\', '/');
        linker ??= new ShaderLinker(folder);
        for (const source of linker.files) this.addWatchFile(join(folder, source));
        try {
          return { code: await shaderModule(linker, path), moduleType: 'js', map: { mappings: '' } };
        } catch (error) {
          if (!(error instanceof ShaderError)) throw error;
          return this.error({
            message: error.message,
            id,
            loc: { file: error.file, line: error.line, column: 0 },
          });
        }
      },
    },

    watchChange(file) {
      if (isShader(file)) linker = undefined;
    },

    /** Any shader may import any other, so a change in one makes all of them stale. */
    hotUpdate({ file, modules }) {
      if (!isShader(file)) return;
      const graph = this.environment.moduleGraph;
      const shaders = [...graph.idToModuleMap.values()].filter((module) => module.id?.endsWith('.wgsl'));
      return [...new Set([...modules, ...shaders])];
    },
  };
}
