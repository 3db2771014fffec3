import { expect, test, vi } from 'vitest';
import { requestNullDevice } from './node';
import { StagingPool } from './staging';

test('a buffer that was read serves again, and one that is being read does not', async () => {
  const device = await requestNullDevice();
  const create = vi.spyOn(device, 'createBuffer');
  const pool = new StagingPool(device, 16);
  const first = pool.take();
  const second = pool.take();
  expect(second).not.toBe(first);
  await pool.read(first, 16);
  expect(pool.take()).toBe(first);
  expect(create).toHaveBeenCalledTimes(2);
});
