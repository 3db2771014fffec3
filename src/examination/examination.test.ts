import { describe, expect, test } from 'vitest';
import { requestNodeGpu } from '../backends/webgpu/node';
import { examine, tallyRounding } from './examination';
import { message } from '../numerics/message';

describe('examine', () => {
  test(
    'finds nothing wrong with the software adapter, and the same digest twice',
    { timeout: 60_000 },
    async () => {
      const gpu = await requestNodeGpu();
      const [first, second] = [await examine(gpu), await examine(gpu)];
      if (first.kind !== 'examined' || second.kind !== 'examined') throw new Error('there is no device');
      const { arithmetic, rounding, native, limits, digest, tier } = first.examination;
      const tallies = [...arithmetic, ...rounding];
      expect(tallies.filter(({ differing }) => differing > 0)).toEqual([]);
      expect(tallies.filter(({ cases }) => cases === 0)).toEqual([]);
      expect(rounding.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(400_000);
      expect(native.f32.length).toBeGreaterThan(5);
      expect(Object.values(limits).every((limit) => limit > 0)).toBe(true);
      expect(tier).not.toBe('cpu');
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(second.examination.digest).toBe(digest);
    },
  );

  test('says why there is nothing to examine', async () => {
    expect(await examine(undefined)).toEqual({ kind: 'unavailable', reason: message('webgpu-missing', {}) });
  });
});

test('tallyRounding names the first difference', () => {
  const inputs = Uint32Array.of(1, 2, 3);
  expect(tallyRounding('x', inputs, Uint32Array.of(7, 9, 10), Uint32Array.of(7, 8, 9))).toEqual({
    name: 'x',
    cases: 3,
    differing: 2,
    example: '0x00000002 → 0x00000009 ≠ 0x00000008',
  });
});
