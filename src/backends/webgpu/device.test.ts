import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { adapterName, findAdapter, openDevice, WebGpuUnavailable } from './device';
import { requestNodeGpu } from './node';
import { messageText } from '../../i18n/said';
import { message } from '../../numerics/message';
import { rejection } from '../../testing/said';

interface FakeAdapter {
  readonly limits: object;
  readonly info: object;
  requestDevice(): Promise<unknown>;
}

/** As much of a GPU as openDevice looks at. */
const fakeGpu = (requestAdapter: () => Promise<FakeAdapter | null>): GPU =>
  ({ requestAdapter }) as unknown as GPU;

const info = { vendor: 'acme', architecture: 'one', device: '', description: '' };

describe('what stands in the way is said in words', () => {
  test('no WebGPU', async () => {
    expect(await rejection(openDevice(undefined))).toBe('This browser has no WebGPU.');
  });

  test('no adapter', async () => {
    expect(await rejection(openDevice(fakeGpu(async () => null)))).toMatch(/found no graphics card/);
  });

  test('the request for an adapter fails', async () => {
    const gpu = fakeGpu(() => Promise.reject(new Error('crashed')));
    expect(await rejection(openDevice(gpu))).toMatch(/asked for a graphics card: crashed/);
  });

  test('no device', async () => {
    const requestDevice = () => Promise.reject(new Error('limit exceeded'));
    const gpu = fakeGpu(async () => ({ limits: {}, info, requestDevice }));
    const failure = openDevice(gpu);
    expect(await rejection(failure)).toMatch(/refused to open the graphics card: limit exceeded/);
    await expect(failure).rejects.toBeInstanceOf(WebGpuUnavailable);
  });
});

describe('a request that is never answered', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a device that comes when nobody waits any more is given back', async () => {
    let answer: (device: unknown) => void = () => undefined;
    const device = new Promise<unknown>((resolve) => {
      answer = resolve;
    });
    const gpu = fakeGpu(async () => ({ limits: {}, info, requestDevice: () => device }));
    const failure = openDevice(gpu).catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await failure).toBeInstanceOf(WebGpuUnavailable);
    const destroy = vi.fn<() => void>();
    answer({ destroy });
    await device;
    expect(destroy).toHaveBeenCalledOnce();
  });

  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

  test.each([
    ['a graphics card', fakeGpu(never)],
    ['access to the graphics card', fakeGpu(async () => ({ limits: {}, info, requestDevice: never }))],
  ])('%s', async (what, gpu) => {
    const failure = rejection(openDevice(gpu));
    await vi.runAllTimersAsync();
    expect(await failure).toBe(`WebGPU did not answer for 30 seconds when it was asked for ${what}.`);
  });
});

test.each([
  ['unknown', true],
  ['destroyed', false],
])('a device lost for the reason %s is reported: %s', async (reason, reported) => {
  const lost = Promise.resolve({ reason, message: 'driver reset' });
  const gpu = fakeGpu(async () => ({ limits: {}, info, requestDevice: async () => ({ lost }) }));
  const open = await openDevice(gpu);
  const said = await Promise.race([open.lost, lost.then(() => undefined).then(() => null)]);
  expect(said && messageText(said)).toBe(reported ? 'The graphics card was lost: driver reset.' : null);
});

test('the device has the largest buffers of its adapter', async () => {
  const gpu = await requestNodeGpu();
  const adapter = await gpu.requestAdapter();
  const { device } = await openDevice(gpu);
  expect(device.limits.maxBufferSize).toBe(adapter?.limits.maxBufferSize);
  expect(device.limits.maxStorageBufferBindingSize).toBe(adapter?.limits.maxStorageBufferBindingSize);
  device.destroy();
});

test.each([
  [{ vendor: 'apple', architecture: 'metal-3', device: '', description: '' }, 'apple metal-3'],
  [{ vendor: 'intel', architecture: '', device: '0x9a49', description: '' }, 'intel 0x9a49'],
  [{ vendor: 'google', architecture: 'swiftshader', device: '', description: '' }, 'SwiftShader'],
  [{ vendor: '', architecture: '', device: '', description: 'SwiftShader Device (LLVM 10)' }, 'SwiftShader'],
  [{ vendor: '', architecture: '', device: '', description: '' }, 'unnamed'],
])('the name of %o', (adapterInfo, name) => {
  expect(adapterName(adapterInfo as GPUAdapterInfo)).toBe(name);
});

describe('an adapter that is found', () => {
  const found = (adapterInfo: object, adapter: object = {}) =>
    findAdapter(
      fakeGpu(async () => ({
        limits: {},
        info: { ...info, ...adapterInfo },
        ...adapter,
        requestDevice: fail,
      })),
    );
  const fail = () => Promise.reject(new Error('it was to be found, not opened'));

  test('is hardware', async () => {
    expect(await found({})).toEqual({ kind: 'hardware', name: 'acme one' });
    // A name that only contains one of a software adapter.
    expect(await found({ architecture: 'warped' })).toEqual({ kind: 'hardware', name: 'acme warped' });
  });

  test.each([
    [{ vendor: 'google', architecture: 'swiftshader' }],
    [{ vendor: 'microsoft', architecture: 'warp' }],
    [{ description: 'llvmpipe (LLVM 15.0.7, 256 bits)' }],
    [{ device: 'Lavapipe' }],
    [{ description: 'Microsoft Basic Render Driver' }],
    [{ isFallbackAdapter: true }],
  ])('computes in software: %o', async (adapterInfo) => {
    expect(await found(adapterInfo)).toMatchObject({ kind: 'software' });
  });

  test('computes in software, as browsers said it earlier', async () => {
    expect(await found({}, { isFallbackAdapter: true })).toEqual({ kind: 'software', name: 'acme one' });
  });

  test('is none, for a reason', async () => {
    expect(await findAdapter(undefined)).toEqual({ kind: 'none', reason: message('webgpu-missing', {}) });
    expect(await findAdapter(fakeGpu(async () => null))).toMatchObject({ kind: 'none' });
  });

  test('on this machine', async () => {
    expect(await findAdapter(await requestNodeGpu())).toMatchObject({
      kind: expect.stringMatching(/^(?:hardware|software)$/) as string,
    });
  });
});
