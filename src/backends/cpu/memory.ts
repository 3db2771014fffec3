/**
 * The memory of a program on the CPU: one array per tensor and arena, [lane][elements of a lane], and a single copy
 * of what all lanes share. Plans of one program share the arenas and, by name, the shared tensors.
 */
import type { Matrix, Operand } from '../../graph/kernel';
import { packMatrix, unpackMatrix } from '../../graph/packing';
import type { Plan } from '../../graph/plan';
import type { Tensor } from '../../graph/tensor';

export class Memory {
  readonly #lanes: number;
  readonly #plans: readonly Plan[];
  readonly #arrays = new Map<string, Float32Array>();
  readonly #shared = new Set<Float32Array>();

  /** @throws {RangeError} when the plans need more memory than there is */
  constructor(lanes: number, plans: readonly Plan[]) {
    this.#lanes = lanes;
    this.#plans = plans;
    for (const plan of plans) {
      for (const [buffer, { elements, shared }] of plan.buffers) {
        const key = this.#key(plan, buffer);
        const array = this.#arrays.get(key) ?? new Float32Array(elements * (shared ? 1 : lanes));
        this.#arrays.set(key, array);
        if (shared) this.#shared.add(array);
      }
    }
  }

  /** An operand in one lane; the values are not copied. */
  matrix(plan: Plan, operand: Operand, lane: number): Matrix {
    const { offset, laneStride, rowStride, rows, columns } = plan.view(operand);
    const start = offset + lane * laneStride;
    const data = this.#array(plan, operand).subarray(start, start + rows * rowStride);
    return { data, rows, columns, stride: rowStride };
  }

  /** Fills an operand in one lane (any lane, where they share it) from its dense values. */
  write(plan: Plan, operand: Operand, lane: number, dense: Float32Array): void {
    packMatrix(dense, plan.view(operand), this.#lane(plan, operand, lane));
  }

  /** Dense values of an operand in one lane. */
  read(plan: Plan, operand: Operand, lane: number): Float32Array {
    return unpackMatrix(plan.view(operand), this.#lane(plan, operand, lane));
  }

  /** Sets everything to +0 but what all lanes share, which no kernel writes. */
  clear(): void {
    for (const array of this.#arrays.values()) if (!this.#shared.has(array)) array.fill(0);
  }

  /** The elements of an operand's whole buffer that belong to a lane. */
  #lane(plan: Plan, operand: Operand, lane: number): Float32Array {
    const array = this.#array(plan, operand);
    if (this.#shared.has(array)) return array;
    const elements = array.length / this.#lanes;
    return array.subarray(lane * elements, (lane + 1) * elements);
  }

  #array(plan: Plan, operand: Operand): Float32Array {
    const { buffer } = plan.view(operand);
    const array = this.#arrays.get(this.#key(plan, buffer));
    if (!array) throw new Error(`no kernel of the plan uses ${buffer}`);
    return array;
  }

  /** Tensors are numbered within a plan, so their buffers' names are told apart by the plan. */
  #key(plan: Plan, buffer: string): string {
    if (!buffer.startsWith('tensor:')) return buffer;
    const shared = plan.tensors.find((tensor) => tensor.shared && plan.view(tensor).buffer === buffer);
    return shared ? sharedKey(shared) : `plan ${this.#plans.indexOf(plan.base ?? plan)} ${buffer}`;
  }
}

const sharedKey = ({ name }: Tensor): string => `shared ${name}`;
