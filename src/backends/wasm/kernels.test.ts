/** Which kernels the assembly has. One that it lacks is computed by its reference, which is slow (references.ts). */
import { expect, test } from 'vitest';
import type { Kernel } from '../../graph/kernel';
import { exportName } from './layout';
import { compileKernels, kernelNames } from './module';

const modules = import.meta.glob<Record<string, unknown>>(
  ['../../ops/*.ts', '../../training/*.ts', '../../training/stored/*.ts', '!../../**/*.test.ts'],
  { eager: true },
);

const isKernel = (value: unknown): value is Kernel =>
  typeof value === 'object' && value !== null && 'entryPoint' in value && 'reference' in value;

const kernels = Object.values(modules).flatMap((module) => Object.values(module).filter(isKernel));

/** Kernels without one in the assembly, on purpose. */
const REFERENCES_ONLY: readonly string[] = [];

test('every kernel has one in the assembly, but for those listed here', async () => {
  const names = kernelNames(await compileKernels());
  const missing = kernels.filter((kernel) => !names.has(exportName(kernel))).map(({ name }) => name);
  expect(kernels.length).toBeGreaterThan(30);
  expect(missing).toEqual(REFERENCES_ONLY);
});

test('different kernels have different exports', () => {
  const names = new Set(kernels.map(({ name }) => name));
  expect(new Set(kernels.map(exportName)).size).toBe(names.size);
});
