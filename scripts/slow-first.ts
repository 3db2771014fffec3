/**
 * The order in which Vitest takes test files: the longest first, so that none is left over for one process when the others
 * are done. Without a record of earlier runs Vitest goes by the size of files, which says little here.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that take more than ten seconds, from the longest on. */
const SLOW = [
  'engine/agreement.test.ts',
  'webgpu/fusion/fusion.test.ts',
  'ops/linear.test.ts',
  'ops/conv2d.test.ts',
  'shaders/compile.test.ts',
  'backends/wasm/accumulation.test.ts',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const place = SLOW.findIndex((name) => moduleId.endsWith(name));
  return place < 0 ? SLOW.length : place;
};

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
