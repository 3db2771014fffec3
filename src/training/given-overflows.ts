/** Writes overflows that are given, instead of found, into the records: a scaler alone can be played through them. */
import givenOverflowsShader from '../../shaders/training/given_overflows.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import { HEADER } from '../graph/records';
import type { Tensor } from '../graph/tensor';

/** Sets found-inf in a step for which the sequence, [1, steps], has a number other than 0. */
export const givenOverflowsKernel: Kernel = {
  name: 'given overflows',
  shader: givenOverflowsShader,
  entryPoint: 'given_overflows',
  uses: ['records'],
  workgroupSize: 1,
  invocations: () => 1,
  constants: () => [],
  reference: ({ inputs: [{ data, columns }], record, step }) => {
    if (step < columns && data[step] !== 0) record[HEADER.foundInf] = 1;
  },
};

export const givenOverflows = (builder: GraphBuilder, sequence: Tensor): void => {
  builder.call(givenOverflowsKernel, { label: 'given', inputs: [sequence], outputs: [], sites: [] });
};
