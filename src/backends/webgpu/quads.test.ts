import { expect, test } from 'vitest';
import { adapterName, openDevice } from './device';
import { requestNodeGpu, requestNullDevice } from './node';
import { executesInFours, QUADS_FEATURE } from './quads';

test('SwiftShader executes invocations in fours, in order', async () => {
  const { device, info } = await openDevice(await requestNodeGpu(), [QUADS_FEATURE]);
  // Hardware GPUs execute more at a time, whatever their number.
  const expected = adapterName(info) === 'SwiftShader';
  expect(await executesInFours(device, info)).toBe(expected);
  device.destroy();
});

test('a device whose invocations exchange nothing is not one of these', async () => {
  // The null device claims every feature and leaves all memory as it was.
  const device = await requestNullDevice();
  const info = { subgroupMinSize: 4, subgroupMaxSize: 4 } as GPUAdapterInfo;
  expect(await executesInFours(device, info)).toBe(false);
  device.destroy();
});

test.each([
  [8, 32],
  [4, 16],
])('nor is one of %i to %i invocations at a time', async (subgroupMinSize, subgroupMaxSize) => {
  const device = await requestNullDevice();
  expect(await executesInFours(device, { subgroupMinSize, subgroupMaxSize } as GPUAdapterInfo)).toBe(false);
  device.destroy();
});
