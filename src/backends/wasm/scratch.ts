/** How much memory a kernel of the assembly needs besides its operands. */
import type { KernelCall } from '../../graph/kernel';
import type { Plan } from '../../graph/plan';

/** Rows of four are measured, columns come in eights, terms in fours. */
const PAD = 8;

/**
 * Both operands of a product in panels, up to twice: as they are, and in double precision or with their exponents for
 * sums that are not formed in FP32.
 */
const BYTES_PER_ELEMENT = 24;

const product = (rows: number, columns: number, terms: number): number =>
  (rows + PAD + columns + PAD) * (terms + PAD) * BYTES_PER_ELEMENT + rows * (columns + PAD) * 8;

/** A row of any operand, and tables. */
const SMALL = 2 ** 16;

/** Bytes for one call; sizes of products are the first constants of their kernels. */
export function scratchBytes(call: KernelCall, plan: Plan): number {
  if (!call.kernel.accumulates) {
    const columns = [...call.inputs, ...call.outputs].map((operand) => plan.view(operand).columns);
    return SMALL + 4 * Math.max(0, ...columns.filter((_, i) => typeof call.inputs[i] !== 'string'));
  }
  const [a, b, c, d] = call.kernel.constants(call, plan);
  if (!call.kernel.name.startsWith('conv2d')) {
    // One of the three sizes is summed over.
    return SMALL + Math.max(product(a, b, c), product(a, c, b), product(b, c, a));
  }
  const [batch, channels, plane, terms] = [a, b, c, d];
  return SMALL + Math.max(product(channels, plane, terms), product(channels, terms, batch * plane));
}
