/**
 * Where the tensors of a share of lanes lie in its memory: one region per tensor and arena, [lane][elements of a lane],
 * as in the other backends, and a single copy of what all lanes share. Plans of one program share the arenas and, by
 * name, the shared tensors.
 */
import type { Operand } from '../../graph/kernel';
import type { Plan } from '../../graph/plan';
import { FIRST_FREE } from './module';

/** Addresses that v128 loads like. */
const ALIGNMENT = 16;

interface Region {
  readonly address: number;
  /** Whether lanes have a copy each. */
  readonly perLane: boolean;
}

export class AddressSpace {
  readonly #plans: readonly Plan[];
  readonly #regions = new Map<string, Region>();
  /** The same by plan and buffer, because every operand of every call of every lane asks. */
  readonly #places = new Map<Plan, Map<string, Region>>();
  /** What a reset sets to +0: from the first byte that is a lane's to here. */
  readonly cleared: { readonly from: number; readonly to: number };
  #end = FIRST_FREE;

  /** @param transient the plan whose own tensors need not outlast it: lanes, which take turns, have one copy */
  constructor(plans: readonly Plan[], lanes: number, transient: Plan | null) {
    this.#plans = plans;
    this.#reserveTensors(lanes, transient, (shared) => shared);
    const from = this.#end;
    this.#reserveTensors(lanes, transient, (shared) => !shared);
    this.cleared = { from, to: this.#end };
    for (const plan of plans) {
      const regions = [...plan.buffers.keys()].map((buffer): [string, Region] => [
        buffer,
        this.#regions.get(this.#key(plan, buffer))!,
      ]);
      this.#places.set(plan, new Map(regions));
    }
  }

  /** The first address behind everything. */
  get end(): number {
    return this.#end;
  }

  /** @returns the address of so many bytes that nothing else uses */
  reserve(bytes: number): number {
    const address = this.#end;
    this.#end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** Address of an operand in a lane of the share. */
  address(plan: Plan, operand: Operand, lane: number): number {
    const { offset, laneStride, buffer } = plan.view(operand);
    const region = (this.#places.get(plan) ?? this.#places.get(plan.base ?? plan))?.get(buffer);
    if (!region) throw new Error(`no kernel of the plan uses ${buffer}`);
    return region.address + (offset + (region.perLane ? lane * laneStride : 0)) * 4;
  }

  #reserveTensors(lanes: number, transient: Plan | null, wanted: (shared: boolean) => boolean): void {
    for (const plan of this.#plans) {
      for (const [buffer, { elements, shared }] of plan.buffers) {
        const key = this.#key(plan, buffer);
        if (this.#regions.has(key) || !wanted(shared)) continue;
        const perLane = !shared && !(plan === transient && isOwn(buffer));
        this.#regions.set(key, { address: this.reserve(4 * elements * (perLane ? lanes : 1)), perLane });
      }
    }
  }

  /** Tensors are numbered within a plan, so their names are told apart by the plan. */
  #key(plan: Plan, buffer: string): string {
    if (!isOwn(buffer)) return buffer;
    const shared = plan.tensors.find((tensor) => tensor.shared && plan.view(tensor).buffer === buffer);
    return shared ? `shared ${shared.name}` : `plan ${this.#plans.indexOf(plan.base ?? plan)} ${buffer}`;
  }
}

/** Whether a buffer is a tensor's own, not an arena. */
const isOwn = (buffer: string): boolean => buffer.startsWith('tensor:');
