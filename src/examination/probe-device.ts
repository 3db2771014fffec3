/** Runs the numerics probe (examination/probe.ts) on a device. */
import probeShader from '../../shaders/examination/probe.wgsl';
import { createProbe, judgeDevice, PROBE_ENTRY_POINT, type Probe } from './probe';
import type { DeviceVerdict } from '../backends/webgpu';
import { StagingPool } from '../backends/webgpu/staging';

/** What the device makes of the cases, in one variant of the arithmetic. */
export async function runProbe(device: GPUDevice, probe: Probe, nativeFtz: boolean): Promise<Uint32Array> {
  const code = probeShader.text({ native_ftz: nativeFtz, counting: false });
  const pipeline = await device.createComputePipelineAsync({
    label: 'numerics probe',
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ label: probeShader.path, code }),
      entryPoint: PROBE_ENTRY_POINT,
    },
  });
  const filled = (words: Uint32Array, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size: words.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  };
  const bytes = probe.cases.length * 4;
  const results = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const buffers = [
    filled(probe.parameters, GPUBufferUsage.UNIFORM),
    filled(probe.words, GPUBufferUsage.STORAGE),
    results,
  ];
  const staging = new StagingPool(device, bytes);
  const target = staging.take();
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(probe.workgroups);
  pass.end();
  encoder.copyBufferToBuffer(results, 0, target, 0, bytes);
  device.queue.submit([encoder.finish()]);
  const words = new Uint32Array(await staging.read(target, bytes));
  staging.destroy();
  for (const buffer of buffers) buffer.destroy();
  return words;
}

/** What the device does with floats, and which variant of the kernels it therefore runs. */
export function probeDevice(device: GPUDevice): Promise<DeviceVerdict> {
  const probe = createProbe();
  return judgeDevice(probe, (nativeFtz) => runProbe(device, probe, nativeFtz));
}
