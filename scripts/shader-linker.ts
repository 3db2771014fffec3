/**
 * Links the files under shaders/: resolves their WESL `import`s and `@if` conditions into plain WGSL. The bundler
 * plugin and the shader tests share it, so what is tested is what ships.
 *
 * The linker prints the program anew: declarations keep the comments in front of them, but line numbers and
 * blank lines change and unused declarations of imported modules go. `locate` finds the way back.
 *
 * Some modules are no files (generated-modules.ts): `package::layout`, the memory layouts that are shared with TypeScript,
 * and those of the loss scalers.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RecordResolver, linkWithResolver, withLoggerAsync } from 'wesl/core';
import {
  isShaderVariant,
  SHADER_CONDITIONS,
  type ShaderCondition,
  type ShaderConditions,
} from '../src/graph/shader.ts';
import { shaderModules } from './generated-modules.ts';

/** A line of a file in the repository. Lines count from 1. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

export interface LinkedShader {
  readonly text: string;
  /** The line of shaders/ that the character at `offset` of `text` comes from. */
  locate(offset: number): SourceLine;
}

/** An error in a file under shaders/, with its place in front of the message as compilers print it. */
export class ShaderError extends Error {
  readonly file: string;
  readonly line: number;

  constructor(place: SourceLine, message: string) {
    super(`${place.file}:${place.line}: ${message}`);
    this.name = 'ShaderError';
    this.file = place.file;
    this.line = place.line;
  }
}

/** Every combination that there is. */
export const SHADER_VARIANTS: readonly ShaderConditions[] = Array.from(
  { length: 2 ** SHADER_CONDITIONS.length },
  (_, index) =>
    Object.fromEntries(SHADER_CONDITIONS.map((name, bit) => [name, ((index >> bit) & 1) === 1])) as Record<
      ShaderCondition,
      boolean
    >,
).filter(isShaderVariant);

/** A number for each combination: the same as `variantIndexCode` computes. */
export const variantIndex = (conditions: ShaderConditions): number =>
  SHADER_CONDITIONS.reduce((index, name, bit) => index + (conditions[name] ? 2 ** bit : 0), 0);

/** Source text of an expression for the number of the variant that `conditions` asks for. */
export const variantIndexCode = SHADER_CONDITIONS.map(
  (name, bit) => `(conditions.${name} ? ${2 ** bit} : 0)`,
).join(' + ');

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** The linker names its files './ops/linear.wesl', whatever they are called. */
const repositoryFile = (linkerPath: string): string =>
  `shaders/${linkerPath.replace(/^\.\//, '').replace(/\.wesl$/, '.wgsl')}`;

/** Blanks out comments so that text in them is not taken for code. Offsets stay the same. */
const withoutComments = (source: string): string =>
  source.replace(/\/\*[^]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '));

/** The linker's log is one global hook, so links take turns to tell whose message is whose. */
let lastLink: Promise<unknown> = Promise.resolve();

export class ShaderLinker {
  /** Paths of the files, relative to shaders/. */
  readonly files: readonly string[];
  /** Sources by such a path: of the files, and of the modules that are made. */
  readonly sources: Readonly<Record<string, string>>;
  readonly #resolver: RecordResolver;

  constructor(folder: string) {
    this.files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.wgsl'))
      .sort();
    this.sources = {
      ...Object.fromEntries(this.files.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
      ...shaderModules(),
    };
    this.#resolver = new RecordResolver(this.sources);
  }

  /** True if the file itself, not only a module it imports, has an entry point. */
  hasEntryPoint(path: string): boolean {
    return /@(compute|vertex|fragment)\b/.test(withoutComments(this.#source(path)));
  }

  link(path: string, conditions: ShaderConditions): Promise<LinkedShader> {
    const link = lastLink.then(() => this.#linkAlone(path, conditions));
    lastLink = link.catch(() => undefined);
    return link;
  }

  async #linkAlone(path: string, conditions: ShaderConditions): Promise<LinkedShader> {
    this.#checkConditions();
    this.#source(path);
    const rootModuleName = `package::${path.replace(/\.wgsl$/, '').replaceAll('/', '::')}`;
    const log: string[] = [];
    const collect = (...lines: unknown[]): void => void log.push(lines.map(String).join('\n'));
    try {
      const { sourceMap } = await withLoggerAsync(collect, () =>
        linkWithResolver({ resolver: this.#resolver, rootModuleName, conditions: { ...conditions } }),
      );
      return {
        text: sourceMap.dest.text,
        locate: (offset) => {
          const { src, position } = sourceMap.destToSrc(offset);
          return { file: repositoryFile(src.path ?? path), line: lineAt(src.text, position) };
        },
      };
    } catch (error) {
      throw locatedError(path, error instanceof Error ? error.message : String(error), log.join('\n'));
    }
  }

  /** An unknown condition would silently count as false, so a misspelt one would never be noticed. */
  #checkConditions(): void {
    for (const [path, source] of Object.entries(this.sources)) {
      for (const match of withoutComments(source).matchAll(/@(?:el)?if\s*\(([^)]*)\)/g)) {
        for (const [name] of match[1].matchAll(/[A-Za-z_]\w*/g)) {
          if (name === 'true' || name === 'false' || SHADER_CONDITIONS.some((known) => known === name))
            continue;
          throw new ShaderError(
            { file: `shaders/${path}`, line: lineAt(source, match.index) },
            `unknown condition '${name}'; there are ${SHADER_CONDITIONS.join(', ')}`,
          );
        }
      }
    }
  }

  #source(path: string): string {
    const source = this.sources[path];
    if (source === undefined) throw new Error(`there is no shaders/${path}`);
    return source;
  }
}

/**
 * The linker tells the place of a syntax error in its message ("./ops/linear.wesl:1:10 error: …"), that of a
 * name it cannot resolve partly there ("… in file: ./ops/linear.wesl") and partly in its log ("Ln 2").
 */
function locatedError(path: string, message: string, log: string): ShaderError {
  const syntax = /^(\S+?):(\d+):\d+ error: ([^]*)$/.exec(message);
  if (syntax !== null) {
    return new ShaderError({ file: repositoryFile(syntax[1]), line: Number(syntax[2]) }, syntax[3]);
  }
  const unresolved = /^([^]*) in file: (\S+)/.exec(message);
  const line = Number(/\bLn (\d+)/.exec(log)?.[1] ?? 1);
  if (unresolved !== null) {
    return new ShaderError({ file: repositoryFile(unresolved[2]), line }, unresolved[1]);
  }
  return new ShaderError({ file: `shaders/${path}`, line }, message);
}
