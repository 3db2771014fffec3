/** Evaluates elementary functions at whole ranges of bit patterns on a device. */
import shader from '../../../shaders/numerics/elementary_kernel.wgsl';
import {
  entryPointOf,
  KERNEL_ITEMS,
  KERNEL_WORKGROUPS,
  kernelParameters,
} from '../../numerics/elementary-kernel';
import type { ElementaryName } from '../../numerics/elementary-survey';
import { StagingPool } from './staging';

/** Fills the array with f(first), f(first + 1), ... as bit patterns; its length is a multiple of `KERNEL_ITEMS`. */
export type RangeEvaluator = (first: number, results: Uint32Array) => Promise<void>;

/** @param nativeFtz which variant of the shader, as the numerics probe found */
export async function elementaryOnDevice(
  device: GPUDevice,
  name: ElementaryName,
  nativeFtz: boolean,
): Promise<RangeEvaluator> {
  const code = shader.text({ native_ftz: nativeFtz, counting: false });
  const pipeline = await device.createComputePipelineAsync({
    label: `elementary functions: ${name}`,
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ label: shader.path, code }),
      entryPoint: entryPointOf(name),
    },
  });
  const bytes = KERNEL_ITEMS * 4;
  const parameters = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const output = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const staging = new StagingPool(device, bytes);
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [parameters, output].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });

  return async (first, results) => {
    for (let begin = 0; begin < results.length; begin += KERNEL_ITEMS) {
      device.queue.writeBuffer(parameters, 0, kernelParameters(first + begin));
      const target = staging.take();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(KERNEL_WORKGROUPS);
      pass.end();
      encoder.copyBufferToBuffer(output, 0, target, 0, bytes);
      device.queue.submit([encoder.finish()]);
      results.set(new Uint32Array(await staging.read(target, bytes)), begin);
    }
  };
}
