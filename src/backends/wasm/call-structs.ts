/**
 * What a kernel of assembly/ is called with, besides the constants of the call; scripts/layout-modules.ts makes classes of
 * it. Addresses are bytes, strides f32 elements.
 */
import { address, pad, struct, u32 } from '../../graph/layout/struct.ts';

export const OPERAND = struct(
  'Operand',
  'A row-major matrix in one lane, rows padded with +0 to whole v128',
  {
    address: address(),
    stride: u32(),
    rows: u32(),
    columns: u32(),
  },
);

export const LANE_BLOCK = struct('Lane', 'What a lane brings to every call of a plan', {
  step: u32('Zero-based index of the running step'),
  record: address("This step's record of this lane"),
  row: address('Its row of settings and state'),
  policy: address('Its policy at site 0'),
  policyStride: u32("Bytes from there to the next site's"),
  scratch: address('Memory that a kernel may use as it likes until it returns'),
  reserved: pad(2),
});
