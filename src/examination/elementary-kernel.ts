/**
 * The host side of `shaders/examination/elementary_kernel.wgsl`, which evaluates an elementary function at consecutive
 * bit patterns:
 *
 *   binding 0 uniform  `kernelParameters(first)`
 *   binding 1 storage  results, `KERNEL_ITEMS` words
 *   dispatch           `KERNEL_WORKGROUPS` x 1 x 1
 */
import type { ElementaryName } from './elementary-survey';

export const entryPointOf = (name: ElementaryName): string => `run_${name}`;

/** Inputs of one dispatch. */
export const KERNEL_ITEMS = 2 ** 22;

const WORKGROUP_SIZE = 128;

/** Below the 65,535 that WebGPU guarantees. */
export const KERNEL_WORKGROUPS = KERNEL_ITEMS / WORKGROUP_SIZE;

/** The uniform of a dispatch that begins with this pattern: it, a zero, and padding. */
export const kernelParameters = (first: number): Uint32Array<ArrayBuffer> => Uint32Array.of(first, 0, 0, 0);
