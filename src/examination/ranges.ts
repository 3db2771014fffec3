/** Evaluates functions of one bit pattern at whole ranges of patterns on a device, for exhaustive comparisons. */
import { StagingPool } from '../backends/webgpu/staging';

/** A kernel that writes f(first), f(first + 1), ... at binding 1. */
export interface RangeKernel {
  readonly label: string;
  readonly code: string;
  readonly entryPoint: string;
  /** Results of one dispatch, and its workgroups. */
  readonly items: number;
  readonly workgroups: number;
  /** Binding 0, uniform, for the dispatch that begins with this pattern. */
  parameters(first: number): Uint32Array<ArrayBuffer>;
}

/** Fills the array with f(first), f(first + 1), ... as bit patterns; its length is a multiple of the kernel's items. */
export type RangeEvaluator = (first: number, results: Uint32Array) => Promise<void>;

export async function rangeEvaluator(device: GPUDevice, kernel: RangeKernel): Promise<RangeEvaluator> {
  const { label, code, entryPoint, items, workgroups } = kernel;
  const module = device.createShaderModule({ label, code });
  const pipeline = await device.createComputePipelineAsync({
    label,
    layout: 'auto',
    compute: { module, entryPoint },
  });
  const bytes = items * 4;
  const parameters = device.createBuffer({
    size: kernel.parameters(0).byteLength,
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
    for (let begin = 0; begin < results.length; begin += items) {
      device.queue.writeBuffer(parameters, 0, kernel.parameters(first + begin));
      const target = staging.take();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups);
      pass.end();
      encoder.copyBufferToBuffer(output, 0, target, 0, bytes);
      device.queue.submit([encoder.finish()]);
      results.set(new Uint32Array(await staging.read(target, bytes)), begin);
    }
  };
}
