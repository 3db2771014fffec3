/**
 * Links and compiles every file under shaders/ in every combination of its conditions, on a device that needs no
 * driver. This is the shaders' linter: it finds type errors, wrong imports, non-uniform barriers, and kernels that
 * exceed what WebGPU guarantees (eight storage buffers, 256 invocations), with the file and line they stand in.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LinkedShader, SHADER_VARIANTS, ShaderLinker } from '../scripts/shader-linker';
import { requestNullDevice } from '../src/backends/webgpu/node';

const linker = new ShaderLinker(dirname(fileURLToPath(import.meta.url)));
let device: GPUDevice;

beforeAll(async () => {
  device = await requestNullDevice();
});

afterAll(() => {
  device.destroy();
});

/** What the compiler has against a shader, each with its place in the repository. */
async function problems(shader: LinkedShader): Promise<string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: shader.text });
  const { messages } = await module.getCompilationInfo();
  await device.popErrorScope();
  const errors = messages
    .filter((message) => message.type === 'error')
    .map((message) => {
      const { file, line } = shader.locate(message.offset);
      return `${file}:${line}: ${message.message}`;
    });
  if (errors.length > 0) return errors;
  const entryPoints = [...shader.text.matchAll(/@compute\b[^{]*?\bfn\s+(\w+)/g)].map((match) => match[1]);
  const failures = await Promise.all(
    entryPoints.map(async (entryPoint) => {
      try {
        await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
        return [];
      } catch (error) {
        return [`${entryPoint}: ${error instanceof Error ? error.message : String(error)}`];
      }
    }),
  );
  return failures.flat();
}

describe('shaders compile', () => {
  const paths = Object.keys(linker.sources);

  test('there are some', () => {
    expect(paths.length).toBeGreaterThan(0);
  });

  test.each(paths)('%s', async (path) => {
    const found = new Map<string, string[]>();
    for (const conditions of SHADER_VARIANTS) {
      const shader = await linker.link(path, conditions);
      if (!found.has(shader.text)) found.set(shader.text, await problems(shader));
    }
    expect([...new Set([...found.values()].flat())]).toEqual([]);
  });

  test('an error is reported in the file and line it stands in', async () => {
    const broken: LinkedShader = {
      text: 'fn f() -> u32 {\n  return 1.0f;\n}',
      locate: (offset) => ({ file: 'shaders/broken.wgsl', line: offset > 16 ? 20 : 10 }),
    };
    expect(await problems(broken)).toEqual([expect.stringMatching(/^shaders\/broken\.wgsl:20: .*return/)]);
  });

  test('a kernel that asks for too much is reported', async () => {
    const greedy: LinkedShader = {
      text: '@compute @workgroup_size(1024) fn main() {}',
      locate: () => ({ file: '', line: 0 }),
    };
    expect(await problems(greedy)).toEqual([expect.stringMatching(/^main: /)]);
  });
});
