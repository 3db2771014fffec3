import { expect, test } from 'vitest';
import { DeviceHealth } from './health';
import type { Message } from '../../numerics/message';
import { rejection, words } from '../../testing/said';

const never = new Promise<Message>(() => undefined);

function setUp(lost: Promise<Message> = never) {
  const device = new EventTarget();
  const health = new DeviceHealth(device as GPUDevice, lost);
  const report = (message: string): boolean =>
    device.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: { message } }));
  return { health, report };
}

test('results of a sound device are passed on', async () => {
  expect(await setUp().health.check(Promise.resolve(7))).toBe(7);
});

test('results that come after an error of the device are not to be trusted', async () => {
  const { health, report } = setUp();
  report('a buffer is too small');
  report('and so is another');
  expect(await rejection(health.check(Promise.resolve(7)))).toMatch(
    'WebGPU reported an error: a buffer is too small',
  );
});

test('a lost device is named as the reason, not what it makes fail', async () => {
  const { health } = setUp(Promise.resolve(words('The graphics card was lost.')));
  expect(await rejection(health.check(Promise.reject(new Error('mapping was aborted'))))).toMatch(
    /^The graphics card was lost\.$/,
  );
});

test('what fails alone is told', async () => {
  const { health } = setUp();
  expect(await rejection(health.check(Promise.reject(new Error('mapping was aborted'))))).toMatch(
    /could not be read back from the GPU: mapping was aborted/,
  );
});
