/** Evaluates elementary functions at whole ranges of bit patterns on a device. */
import shader from '../../shaders/examination/elementary_kernel.wgsl';
import { entryPointOf, KERNEL_ITEMS, KERNEL_WORKGROUPS, kernelParameters } from './elementary-kernel';
import type { ElementaryName } from './elementary-survey';
import { rangeEvaluator, type RangeEvaluator } from './ranges';

/** @param nativeFtz which variant of the shader, as the numerics probe found */
export const elementaryOnDevice = (
  device: GPUDevice,
  name: ElementaryName,
  nativeFtz: boolean,
): Promise<RangeEvaluator> =>
  rangeEvaluator(device, {
    label: `elementary functions: ${name}`,
    code: shader.text({ native_ftz: nativeFtz, counting: false }),
    entryPoint: entryPointOf(name),
    items: KERNEL_ITEMS,
    workgroups: KERNEL_WORKGROUPS,
    parameters: kernelParameters,
  });
