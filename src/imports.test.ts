/**
 * Keeps the import directions of the design: whoever wants the formats must not get React with them, and a page
 * that draws must not depend on how a backend computes. The rules stand here, as data.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = dirname(fileURLToPath(import.meta.url));

const UP_TO_TRAINING = ['numerics', 'graph', 'ops', 'precision', 'training'];
const UP_TO_EXPERIMENT = [...UP_TO_TRAINING, 'tasks', 'experiment'];

/**
 * What the files of a folder may import besides their own folder. Tests, and what they share in testing/, may import
 * anything but the page, and nothing else may import testing/.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  numerics: [],
  graph: ['numerics'],
  ops: ['numerics', 'graph'],
  precision: ['numerics', 'graph', 'ops'],
  training: ['numerics', 'graph', 'ops'],
  tasks: UP_TO_TRAINING,
  experiment: [...UP_TO_TRAINING, 'tasks'],
  backends: UP_TO_TRAINING,
  // What examines a device or a build, apart from the rooms that compute: none of those needs it.
  examination: ['numerics', 'graph', 'backends'],
  engine: [...UP_TO_EXPERIMENT, 'backends', 'examination'],
  analysis: UP_TO_EXPERIMENT,
  // What is found, in words: the page and the command line say the same.
  i18n: [...UP_TO_EXPERIMENT, 'analysis'],
  export: UP_TO_EXPERIMENT,
  lessons: UP_TO_EXPERIMENT,
  // The engine's messages, and whatever is data; never how something is computed.
  ui: [
    'numerics',
    'precision',
    'training',
    'tasks',
    'experiment',
    'analysis',
    'engine',
    'examination',
    'export',
    'lessons',
    'i18n',
  ],
  // Runs in a page as well as below the command line.
  bench: [...UP_TO_EXPERIMENT, 'backends', 'engine', 'examination', 'i18n'],
  cli: [
    ...UP_TO_EXPERIMENT,
    'analysis',
    'backends',
    'bench',
    'engine',
    'examination',
    'export',
    'lessons',
    'i18n',
  ],
  testing: [],
};

/** Files that run in Node only, and may therefore import from it. The page's bundle must not reach them. */
const isNodeOnly = (file: string): boolean =>
  file.startsWith('cli/') || file === 'backends/webgpu/node.ts' || file === 'backends/webgpu/chromium.ts';

const isTest = (file: string): boolean => file.startsWith('testing/') || /\.test\.tsx?$/.test(file);

/** The modules that a source names: static, type-only, dynamic and side-effect imports, re-exports and workers. */
function importsOf(source: string): string[] {
  const forms = [
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
    /\bnew URL\(\s*['"]([^'"]+)['"],\s*import\.meta\.url/g,
  ];
  return forms.flatMap((form) => [...source.matchAll(form)].map((match) => match[1]));
}

/** The file below src/ that an import means, without its extension; undefined for packages and other folders. */
function withinSrc(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''));
  return path.startsWith('../') ? undefined : path.replace(/\.tsx?$/, '');
}

const folderOf = (path: string): string => path.split('/')[0];

/** Why a file may not import what it does; empty where it may. */
function violations(file: string, source: string): string[] {
  const folder = folderOf(file);
  const allowed = isTest(file)
    ? Object.keys(MAY_IMPORT).filter((other) => other !== 'ui')
    : MAY_IMPORT[folder];
  return importsOf(source).flatMap((specifier) => {
    const target = withinSrc(file, specifier);
    if (target === undefined) {
      if (specifier.startsWith('.') || isTest(file)) return [];
      if (/^(?:react|recharts)/.test(specifier) && folder !== 'ui')
        return [`${file}: ${specifier} is for ui alone`];
      const isNode = specifier.startsWith('node:') || specifier === 'webgpu';
      return isNode && !isNodeOnly(file) ? [`${file}: ${specifier} does not exist in a page`] : [];
    }
    if (isNodeOnly(`${target}.ts`) && !isNodeOnly(file) && !isTest(file))
      return [`${file}: ${specifier} needs Node`];
    const other = folderOf(target);
    return other === folder || allowed.includes(other)
      ? []
      : [`${file}: ${folder} must not import ${specifier}`];
  });
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path) && path.includes('/'))
  .sort();

describe('imports', () => {
  test('every folder of src has its rule', () => {
    expect(files.map(folderOf).filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  test.each(Object.keys(MAY_IMPORT))('%s imports what it may', (folder) => {
    const own = files.filter((file) => folderOf(file) === folder);
    expect(own.flatMap((file) => violations(file, readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  test('all ways to import are seen', () => {
    const source = `
      import a, {
        type B,
      } from './static';
      import type { C } from './type';
      export * from './re-export';
      import './effect';
      const d = await import('./dynamic');
      let e: import('./annotation').E;
      new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
      // Mentioned only: from './comment'`;
    expect(importsOf(source).sort()).toEqual(
      ['./annotation', './dynamic', './effect', './re-export', './static', './type', './worker.ts'].sort(),
    );
  });

  test.each([
    ['numerics/formats.ts', `import { x } from '../graph/tensor';`],
    ['ui/app.tsx', `import type { Plan } from '../graph/plan';`],
    ['ui/app.tsx', `const gpu = await import('../backends/webgpu/device');`],
    ['backends/webgpu/index.ts', `import { probeDevice } from '../../examination/probe-device';`],
    ['graph/plan.ts', `export { linear } from '../ops/linear';`],
    ['tasks/xor/index.ts', `import { run } from '../../backends/cpu/run';`],
    ['analysis/flow.ts', `import { useStore } from 'react';`],
    ['engine/session.ts', `import { requestNodeGpu } from '../backends/webgpu/node';`],
    ['engine/session.ts', `import { readFileSync } from 'node:fs';`],
    ['graph/plan.test.ts', `import { App } from '../ui/app';`],
  ])('%s must not: %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });
});
