/**
 * What a kernel in assembly/ is called with, as words in its memory (call-structs.ts).
 *
 * A call's block has four words for each operand in one lane (address in bytes, then stride, rows and columns in f32
 * elements), followed by the constants that the kernel's WGSL has in its uniform block.
 */
import type { Kernel, KernelCall, Operand } from '../../graph/kernel';
import { LANE_ROW_WORDS } from '../../graph/lanes';
import type { Plan } from '../../graph/plan';
import { POLICY_WORDS } from '../../graph/policy';
import { LANE_BLOCK, OPERAND } from './call-structs';

/** The export of the assembly that computes a kernel: `linear_input_grad`. */
export const exportName = ({ name }: Kernel): string => name.replaceAll(/[^a-z0-9]+/gi, '_');

export type AddressOf = (operand: Operand) => number;

export function callBlock(call: KernelCall, plan: Plan, addressOf: AddressOf): number[] {
  const operands = [...call.inputs, ...call.outputs];
  const words = new Uint32Array(operands.length * OPERAND.words);
  operands.forEach((operand, i) => {
    const { rowStride: stride, rows, columns } = plan.view(operand);
    OPERAND.write(words, { address: addressOf(operand), stride, rows, columns }, i * OPERAND.words);
  });
  return [...words, ...call.kernel.constants(call, plan)];
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

export function laneBlock({ row, policy, lanes, scratch }: LaneBlock): number[] {
  const words = new Uint32Array(LANE_BLOCK.words);
  LANE_BLOCK.write(words, { row, policy, policyStride: lanes * POLICY_WORDS * 4, scratch });
  return [...words];
}

export const ROW_BYTES = LANE_ROW_WORDS * 4;
