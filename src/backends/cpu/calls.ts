/** Makes the calls of a plan ready to be interpreted: every kernel with its operands, lane by lane. */
import type { Kernel, KernelCall, Matrix, ReferenceContext } from '../../graph/kernel';
import type { LaneState } from '../../graph/lanes';
import type { Plan } from '../../graph/plan';
import type { Site } from '../../graph/tensor';
import { accumulatorFor, roundingAt, type LanePolicy } from '../../graph/policy';
import type { Accumulator } from '../../numerics/accumulators';
import type { NumberFormat } from '../../numerics/formats';
import { GeneralRounder } from './general-rounder';
import type { Memory } from './memory';
import { CountingRounder } from './rounder';

/** What one lane brings to a plan. */
export interface PlanLane {
  readonly state: LaneState;
  /** For the sites of the training plan, by site id. */
  readonly policy: LanePolicy;
  /** The record that the plan writes. */
  readonly record: Uint32Array;
}

function rounderFor(site: Site, policy: LanePolicy): CountingRounder {
  const { formats, seed } = policy;
  const format = formats[site.id];
  const rounding = roundingAt(policy, site.id);
  if (rounding.mode === 'nearest-even') return new CountingRounder(site, format);
  return new GeneralRounder(site, format, { rounding, seed });
}

/** Everything the reference of one call needs in one lane. */
export class BoundCall implements ReferenceContext {
  readonly inputs: readonly Matrix[];
  readonly outputs: readonly Matrix[];
  readonly rounders: readonly CountingRounder[];
  accumulator: Accumulator | null;
  readonly lane: LaneState;
  readonly record: Uint32Array;
  step = 0;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #plan: Plan;
  readonly #policy: LanePolicy;

  constructor(call: KernelCall, plan: Plan, memory: Pick<Memory, 'matrix'>, index: number, lane: PlanLane) {
    this.inputs = call.inputs.map((operand) => memory.matrix(plan, operand, index));
    this.outputs = call.outputs.map((operand) => memory.matrix(plan, operand, index));
    this.rounders = call.sites.map((site) => rounderFor(site, lane.policy));
    this.accumulator = accumulatorFor(call, lane.policy);
    this.lane = lane.state;
    this.record = lane.record;
    this.#call = call;
    this.#kernel = call.kernel;
    this.#plan = plan;
    this.#policy = lane.policy;
  }

  setFormats(formats: readonly NumberFormat[]): void {
    this.#call.sites.forEach((site, i) => this.rounders[i].setFormat(formats[site.id]));
    this.accumulator = accumulatorFor(this.#call, { ...this.#policy, formats });
  }

  run(step: number): void {
    this.step = step;
    for (const rounder of this.rounders) rounder.begin(step);
    this.#kernel.reference(this, this.#call, this.#plan);
    for (const rounder of this.rounders) rounder.report(this.record);
  }
}

export class PreparedPlan {
  /** [lane][call]. */
  readonly #lanes: readonly (readonly BoundCall[])[];

  constructor(plan: Plan, memory: Memory, lanes: readonly PlanLane[]) {
    this.#lanes = lanes.map((lane, index) =>
      plan.calls.map((call) => new BoundCall(call, plan, memory, index, lane)),
    );
  }

  setFormats(lane: number, formats: readonly NumberFormat[]): void {
    for (const call of this.#lanes[lane]) call.setFormats(formats);
  }

  /** Runs the calls once in every lane. Lanes know nothing of each other, so their order does not matter. */
  run(step: number): void {
    for (const calls of this.#lanes) for (const call of calls) call.run(step);
  }
}
