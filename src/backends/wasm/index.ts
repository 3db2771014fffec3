/**
 * The WebAssembly backend: kernels in AssemblyScript (assembly/) with 128-bit SIMD, on the plans and the memory layout of
 * the others, with the same bits.
 */
import { recordWords } from '../../graph/records';
import type { Backend } from '../../training/backend';
import type { Program } from '../../training/program';
import { ShareBuilder } from './image';
import { compileKernels, kernelNames, WasmUnavailable } from './module';
import { References } from './references';
import { WasmRunner, type Part } from './runner';
import { Share } from './share';

export { WasmUnavailable };

/** Records of this many bytes at most come back at once. */
const RECORD_BYTES = 2 ** 22;
const MAX_STEPS = 64;

function stepsAtOnce({ training, lanes }: Program): number {
  const bytes = lanes.length * recordWords(training.sites.length) * 4;
  return Math.min(MAX_STEPS, Math.max(1, Math.floor(RECORD_BYTES / bytes)));
}

/** All lanes, computed by whoever calls. */
function here(module: WebAssembly.Module, program: Program, maxSteps: number): Part {
  const builder = new ShareBuilder(program, program.lanes, { maxSteps });
  const references = new References(builder, kernelNames(module));
  const substitutes = references.missing.size > 0 ? references : undefined;
  return {
    lanes: [...program.lanes.keys()],
    builder,
    share: new Share(module, builder.image, substitutes),
    references: substitutes ?? null,
    destroy: () => undefined,
  };
}

/** @throws {WasmUnavailable} in words for people, where there is no WebAssembly with SIMD */
export async function createWasmBackend(): Promise<Backend> {
  const module = await compileKernels();
  return {
    info: { kind: 'wasm', adapter: 'WebAssembly (SIMD)', notes: [] },
    // Memory and instances are not lost.
    lost: new Promise(() => undefined),
    async prepare(program) {
      const maxSteps = stepsAtOnce(program);
      return new WasmRunner(program, [here(module, program, maxSteps)], maxSteps);
    },
    destroy: () => undefined,
  };
}
