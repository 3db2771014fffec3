/**
 * What a kernel in assembly/ is called with, as words in its memory. assembly/layout.ts declares the same structures.
 *
 * A call's block has four words for each operand in one lane (address in bytes, then stride, rows and columns in f32
 * elements), followed by the constants that the kernel's WGSL has in its uniform block.
 */
import type { Kernel, KernelCall, Operand } from '../../graph/kernel';
import { LANE_ROW_WORDS } from '../../graph/lanes';
import type { Plan } from '../../graph/plan';
import { POLICY_WORDS } from '../../graph/policy';

/** The export of the assembly that computes a kernel: `linear_input_grad`. */
export const exportName = ({ name }: Kernel): string => name.replaceAll(/[^a-z0-9]+/gi, '_');

export type AddressOf = (operand: Operand) => number;

export function callBlock(call: KernelCall, plan: Plan, addressOf: AddressOf): number[] {
  const operands = [...call.inputs, ...call.outputs].flatMap((operand) => {
    const { rowStride, rows, columns } = plan.view(operand);
    return [addressOf(operand), rowStride, rows, columns];
  });
  return [...operands, ...call.kernel.constants(call, plan)];
}

/** What a lane brings to every call of a plan. Addresses are bytes. */
export interface LaneBlock {
  /** Its row of settings and state. */
  readonly row: number;
  /** Its policy at site 0; that of the next site comes after those of all lanes. */
  readonly policy: number;
  readonly lanes: number;
  readonly scratch: number;
}

export const LANE_BLOCK_WORDS = 8;
/** Words of a lane's block that change with every step. */
export const LANE_BLOCK = { step: 0, record: 1 } as const;

export const laneBlock = ({ row, policy, lanes, scratch }: LaneBlock): number[] => [
  0,
  0,
  row,
  policy,
  lanes * POLICY_WORDS * 4,
  scratch,
];

export const ROW_BYTES = LANE_ROW_WORDS * 4;
