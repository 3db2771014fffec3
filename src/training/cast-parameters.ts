/**
 * Casts the FP32 master weights to what the operations read, all parameters in one call. Autocast casts a weight
 * when an operation first needs it and caches the cast; since weights change only between steps, casting all of
 * them at the start of a step gives the same values.
 */
import castParametersShader from '../../shaders/training/cast_parameters.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel, KernelCall } from '../graph/kernel';
import { ARENA_ALIGNMENT, arenaLayout } from '../graph/plan';
import { columnsOf, rowsOf } from '../graph/tensor';
import { message, MessageError } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'too-many-tensors': { tensors: number; most: number };
  }
}

/** Length of the tables in calls' uniform blocks (cast_parameters.wgsl, stored/parameters.wgsl). */
export const MAX_PARAMETERS = 64;

/**
 * casts = round(parameters), each parameter at its cast site. Constants: number of parameters and three zeros, then
 * for each its first vec4 in the arena, rows, columns and site.
 */
export const castParametersKernel: Kernel = {
  name: 'cast parameters',
  shader: castParametersShader,
  entryPoint: 'cast_parameters',
  uses: ['policy', 'records'],
  workgroupSize: 64,
  invocations: (_, plan) => plan.arenaStride / ARENA_ALIGNMENT,
  constants: (_, { parameters }) => {
    const { offsets } = arenaLayout(parameters);
    const words = new Uint32Array(4 + 4 * MAX_PARAMETERS);
    words[0] = parameters.length;
    parameters.forEach(({ master, castSite }, i) => {
      words.set([offsets[i] / 4, rowsOf(master), columnsOf(master), castSite.id], 4 + 4 * i);
    });
    return [...words];
  },
  reference: ({ inputs: [masters], outputs: [casts], rounders }, _, plan) => {
    plan.parameters.forEach(({ master }, i) => {
      const { offset, rows, columns, rowStride } = plan.view(master);
      for (let row = 0; row < rows; row++) {
        const start = offset + row * rowStride;
        for (let at = start; at < start + columns; at++) {
          casts.data[at] = rounders[i].round(masters.data[at], at - offset);
        }
      }
    });
  },
};

/**
 * Appends the cast of all parameters that the builder has.
 *
 * @throws {RangeError} when there are more than the kernel's table holds
 */
export function castParameters(builder: GraphBuilder): KernelCall {
  const { parameters } = builder;
  if (parameters.length > MAX_PARAMETERS) {
    throw new MessageError(message('too-many-tensors', { tensors: parameters.length, most: MAX_PARAMETERS }));
  }
  return builder.call(castParametersKernel, {
    label: 'parameters',
    inputs: ['parameters'],
    outputs: ['casts'],
    sites: parameters.map(({ castSite }) => castSite),
  });
}
