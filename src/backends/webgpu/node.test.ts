import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { requestNodeDevice, requestNullDevice } from './node';

describe('WebGPU in Node', () => {
  test('a device computes', async () => {
    const device = await requestNodeDevice();
    const module = device.createShaderModule({
      code: `@group(0) @binding(0) var<storage, read_write> data: array<u32>;
        @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { data[id.x] = id.x * 3u; }`,
    });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const storage = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const staging = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const bindGroup = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: { buffer: storage } }],
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(storage, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    expect([...new Uint32Array(staging.getMappedRange())]).toEqual([0, 3, 6, 9]);
    device.destroy();
  });

  test('waiting for the device leaves the process free', async () => {
    const device = await requestNodeDevice();
    const module = device.createShaderModule({
      code: `@group(0) @binding(0) var<storage, read_write> data: array<u32>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
          for (var i = 0u; i < 200000u; i++) { data[id.x] = data[id.x] * 747796405u + 1u; }
        }`,
    });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const buffer = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE });
    const layout = pipeline.getBindGroupLayout(0);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const before = performance.eventLoopUtilization();
    const start = performance.now();
    await device.queue.onSubmittedWorkDone();
    const waited = performance.now() - start;
    // A loop that never rests has a utilization of 1. There is nothing to see where the device was done at once.
    const { utilization } = performance.eventLoopUtilization(before);
    expect(waited < 50 || utilization < 0.5, `${utilization} in ${waited} ms`).toBe(true);
    device.destroy();
  });

  test('the null device reports errors in shaders', async () => {
    const device = await requestNullDevice();
    device.pushErrorScope('validation');
    const info = await device
      .createShaderModule({ code: 'fn broken() -> u32 { return 1.0f; }' })
      .getCompilationInfo();
    await device.popErrorScope();
    expect(info.messages.map((message) => [message.type, message.lineNum])).toEqual([['error', 1]]);
    device.destroy();
  });
});
