/** Computes kernels that the assembly does not have by their references, on the memory of a share. */
import type { Matrix, Operand } from '../../graph/kernel';
import { LANE_ROW_WORDS, type LaneSettings, type LaneState } from '../../graph/lanes';
import type { Plan } from '../../graph/plan';
import { recordWords } from '../../graph/records';
import type { NumberFormat } from '../../numerics/formats';
import { initialState, packState, unpackState } from '../../training/lanes';
import { policyOf, type LaneProgram } from '../../training/program';
import { BoundCall } from '../cpu/calls';
import { exportName } from './layout';
import type { PlanName } from './image';
import type { Substitute, Substitutes } from './share';

/** What a share tells about itself. */
export interface Referenced {
  readonly plans: Readonly<Record<PlanName, Plan>>;
  readonly lanes: readonly LaneProgram[];
  /** Addresses in bytes: of an operand, and of a lane's row of settings and state. */
  address(plan: Plan, operand: Operand, lane: number): number;
  row(lane: number): number;
}

interface Bound {
  readonly call: BoundCall;
  readonly record: Uint32Array;
}

export class References implements Substitutes {
  readonly missing: ReadonlySet<string>;
  readonly #share: Referenced;
  readonly #states: readonly LaneState[];
  /** Formats of each lane that are not those of the program any more. */
  readonly #formats = new Map<number, readonly NumberFormat[]>();
  readonly #bound = new Map<string, Bound>();

  /** @param available exports of the assembly */
  constructor(share: Referenced, available: ReadonlySet<string>) {
    this.#share = share;
    this.missing = missingIn(Object.values(share.plans), available);
    this.#states = share.lanes.map(({ settings }) => initialState(settings));
  }

  make(memory: WebAssembly.Memory): Substitute {
    const words = new Uint32Array(memory.buffer);
    return (plan, call, lane, step, record) => {
      const bound = this.#bind(memory, plan, call, lane);
      const start = this.#share.row(lane) / 4;
      const row = words.subarray(start, start + LANE_ROW_WORDS);
      const state = this.#states[lane];
      Object.assign(state, unpackState(row, state.settings));
      bound.record.set(words.subarray(record / 4, record / 4 + bound.record.length));
      bound.call.run(step);
      words.set(bound.record, record / 4);
      packState(state, row);
    };
  }

  setSettings(lane: number, settings: LaneSettings): void {
    this.#states[lane].settings = settings;
  }

  setFormats(lane: number, formats: readonly NumberFormat[]): void {
    this.#formats.set(lane, formats);
    for (const [key, { call }] of this.#bound) {
      if (key.startsWith(`${lane} `)) call.setFormats(formats);
    }
  }

  #bind(memory: WebAssembly.Memory, name: PlanName, index: number, lane: number): Bound {
    const key = `${lane} ${name} ${index}`;
    const known = this.#bound.get(key);
    if (known) return known;
    const plan = this.#share.plans[name];
    const matrix = (of: Plan, operand: Operand, at: number): Matrix => {
      const { rowStride, rows, columns } = of.view(operand);
      const data = new Float32Array(memory.buffer, this.#share.address(of, operand, at), rows * rowStride);
      return { data, rows, columns, stride: rowStride };
    };
    const record = new Uint32Array(recordWords(plan.sites.length));
    const policy = policyOf(this.#share.lanes[lane]);
    const formats = this.#formats.get(lane) ?? policy.formats;
    const place = { state: this.#states[lane], policy: { ...policy, formats }, record };
    const bound = { call: new BoundCall(plan.calls[index], plan, { matrix }, lane, place), record };
    this.#bound.set(key, bound);
    return bound;
  }
}

/** Exports that plans need and the assembly does not have. */
export function missingIn(plans: readonly Plan[], available: ReadonlySet<string>): ReadonlySet<string> {
  const needed = plans.flatMap(({ calls }) => calls.map(({ kernel }) => exportName(kernel)));
  return new Set(needed.filter((name) => !available.has(name)));
}
