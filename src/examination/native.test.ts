import { describe, expect, test } from 'vitest';
import { askNative } from './native-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { nativeF16Tables, nativeTables, tallyNative } from './native';

const perfect = (table: { readonly cases: readonly { readonly expected: number }[] }): Uint32Array =>
  Uint32Array.from(table.cases, ({ expected }) => expected);

describe.each([
  ['f32', nativeTables()],
  ['f16', nativeF16Tables()],
] as const)('what %s operations give', (kind, tables) => {
  test.each(tables.map((table) => [table.operation, table] as const))(
    'right results of %s count as right, and within half an ulp',
    (_, table) => {
      const tally = tallyNative<string>(table, perfect(table), kind);
      expect(tally).toMatchObject({ cases: table.cases.length, differing: 0, example: null });
      expect(tally.maxUlp ?? 0).toBeLessThanOrEqual(0.5);
    },
  );

  test.each(tables.map((table) => [table.operation, table] as const))(
    'one wrong result of %s is found and named',
    (_, table) => {
      const results = perfect(table);
      const number = results.findLastIndex((u) => (u & 0x7fff) < 0x7c00);
      results[number] ^= 1;
      const { differing, example } = tallyNative<string>(table, results, kind);
      expect(differing).toBe(1);
      expect(example).toMatch(new RegExp(`^${table.operation}\\(0x.*\\) = 0x.* ≠ 0x`));
    },
  );
});

test('the errors of a result that is one number off are about one ulp', () => {
  const divide = nativeTables()[0];
  const off = perfect(divide).map((u) => u + 1);
  expect(tallyNative(divide, off, 'f32').maxUlp).toBeGreaterThan(1);
  expect(tallyNative(divide, off, 'f32').maxUlp).toBeLessThan(2);
});

test('a NaN of FP16 may have any payload', () => {
  const add = nativeF16Tables()[1];
  const results = perfect(add);
  const nan = add.cases.findIndex(({ expected }) => (expected & 0x7fff) > 0x7c00);
  results[nan] ^= 0x8011;
  expect(tallyNative(add, results, 'f16').differing).toBe(0);
});

test('a device answers every question within what WGSL promises for division and roots', async () => {
  const device = await requestNodeDevice();
  const { f32, f16 } = await askNative(device);
  const ulpOf = (name: string): number | null | undefined =>
    f32.find(({ operation }) => operation === name)?.maxUlp;
  expect(ulpOf('divide')).toBeLessThanOrEqual(2.5);
  expect(ulpOf('divide-by-3')).toBeLessThanOrEqual(2.5);
  expect(ulpOf('inverse-square-root')).toBeLessThanOrEqual(2);
  for (const { cases, differing, example } of f32) {
    expect(cases).toBeGreaterThan(0);
    expect(example === null).toBe(differing === 0);
  }
  expect(f16 !== null).toBe(device.features.has('shader-f16'));
  device.destroy();
});
