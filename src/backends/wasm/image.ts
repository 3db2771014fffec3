/**
 * A share of a program's lanes as plain data, which can be sent to a worker: what its memory holds at first, and which
 * kernels are called with which blocks.
 */
import type { Operand } from '../../graph/kernel';
import type { Plan } from '../../graph/plan';
import { packMatrix } from '../../graph/packing';
import { packPolicy, POLICY_WORDS } from '../../graph/policy';
import { recordWords } from '../../graph/records';
import { HISTOGRAM_BINS, histogramPlan, type HistogramPlan } from '../../training/histogram';
import { packLane } from '../../training/lanes';
import { policyOf, type LaneProgram, type Program } from '../../training/program';
import { rescalePlan } from '../../training/rescale';
import { AddressSpace } from './address-space';
import { callBlock, exportName, laneBlock, ROW_BYTES } from './layout';
import { scratchBytes } from './scratch';

export type PlanName = 'training' | 'evaluation' | 'histograms' | 'rescale';

/** Words at an address. */
export interface Segment {
  readonly address: number;
  readonly words: Uint32Array;
}

/** The calls of one plan, for every lane of the share. */
export interface PlanImage {
  /** Export of the kernel of each call. */
  readonly kernels: readonly string[];
  /** Address of the block of each call, [lane][call]. */
  readonly blocks: readonly (readonly number[])[];
  /** Address of each lane's block. */
  readonly lanes: readonly number[];
  /** Where records are written, [slot][lane][recordWords]. */
  readonly records: { readonly address: number; readonly words: number };
}

export interface ShareImage {
  /** Whether sites count what happens to values; without, records have no counters. */
  readonly counting: boolean;
  /** Size of the memory. */
  readonly bytes: number;
  /** Written once. */
  readonly constant: readonly Segment[];
  /** A reset sets all bytes between these addresses to 0 and then writes `initial`. */
  readonly cleared: { readonly from: number; readonly to: number };
  readonly initial: readonly Segment[];
  readonly training: PlanImage;
  readonly evaluation: PlanImage;
  readonly histograms: PlanImage;
  readonly rescale: PlanImage;
  /** Histograms as u32, of all lanes of the share. */
  readonly counts: { readonly address: number; readonly words: number };
}

/** What a share has besides its program: how many steps it may be asked for at once. */
export interface ImageOptions {
  readonly maxSteps: number;
  readonly counting: boolean;
}

const floatWords = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

/** The plans that a share runs, and what the histograms are of. */
export function plansOf({ training, evaluation }: Program): {
  readonly plans: Readonly<Record<PlanName, Plan>>;
  readonly histograms: HistogramPlan;
} {
  const histograms = histogramPlan(training);
  const rescale = rescalePlan(training);
  return { plans: { training, evaluation, histograms: histograms.plan, rescale }, histograms };
}

/** Lays out a share: builds the image, and then tells where things are that change later. */
export class ShareBuilder {
  readonly image: ShareImage;
  readonly plans: Readonly<Record<PlanName, Plan>>;
  readonly lanes: readonly LaneProgram[];
  readonly #space: AddressSpace;
  readonly #rows: number;
  readonly #policy: number;

  /** @param lanes those of the program that are the share's */
  constructor(program: Program, lanes: readonly LaneProgram[], { maxSteps, counting }: ImageOptions) {
    const { plans, histograms } = plansOf(program);
    const { training, evaluation, rescale } = plans;
    this.lanes = lanes;
    this.plans = plans;
    this.#space = new AddressSpace([training, evaluation, plans.histograms], lanes.length, evaluation);
    this.#rows = this.#space.reserve(ROW_BYTES * lanes.length);
    const policy = packPolicy(training, lanes.map(policyOf));
    this.#policy = this.#space.reserve(policy.byteLength);
    const scratch = this.#space.reserve(scratchFor(Object.values(this.plans)));
    const constant: Segment[] = sharedContents(program, this.#space);
    const surroundings = { space: this.#space, rows: this.#rows, policy: this.#policy, scratch };
    const lay = (plan: Plan, slots = 1): PlanImage =>
      planImage(plan, { lanes: lanes.length, slots, constant }, surroundings);
    this.image = {
      counting,
      constant,
      cleared: this.#space.cleared,
      initial: [
        ...lanes.flatMap((lane, index) => this.#parameters(lane, index)),
        ...lanes.map(({ settings }, index) => ({ address: this.row(index), words: packLane(settings) })),
        { address: this.#policy, words: policy },
      ],
      training: lay(training, maxSteps),
      evaluation: lay(evaluation),
      histograms: lay(plans.histograms),
      rescale: lay(rescale),
      counts: {
        address: this.#space.address(plans.histograms, histograms.counts, 0),
        words: lanes.length * histograms.sites.length * HISTOGRAM_BINS,
      },
      bytes: this.#space.end + SLACK,
    };
  }

  /** Address of a lane's row of settings and state. */
  row(lane: number): number {
    return this.#rows + lane * ROW_BYTES;
  }

  /** Address of the policy table of all lanes. */
  get policy(): number {
    return this.#policy;
  }

  address(plan: Plan, operand: Operand, lane: number): number {
    return this.#space.address(plan, operand, lane);
  }

  #parameters({ initial }: LaneProgram, lane: number): Segment[] {
    return this.plans.training.parameters.map(({ name, master }) => {
      const dense = initial.get(name);
      if (!dense) throw new Error(`a lane brings no initial values for ${name}`);
      const view = this.plans.training.view(master);
      const padded = new Float32Array(view.rows * view.rowStride);
      packMatrix(dense, { ...view, offset: 0 }, padded);
      return { address: this.#space.address(this.plans.training, master, lane), words: floatWords(padded) };
    });
  }
}

/** Scratch memory that serves every call of plans. */
export const scratchFor = (plans: readonly Plan[]): number =>
  Math.max(0, ...plans.flatMap((plan) => plan.calls.map((call) => scratchBytes(call, plan))));

/** Kernels read up to a vector past the end of an operand. */
const SLACK = 64;

/** What all lanes share and no kernel writes: data sets and tables. */
function sharedContents({ training, evaluation, contents }: Program, space: AddressSpace): Segment[] {
  return [training, evaluation].flatMap((plan) =>
    plan.tensors
      .filter((tensor) => tensor.shared && plan.buffers.has(plan.view(tensor).buffer))
      .map((tensor) => {
        const dense = contents.get(tensor.name);
        if (!dense) throw new Error(`the program brings no contents for ${tensor.name}`);
        const view = plan.view(tensor);
        const padded = new Float32Array(view.rows * view.rowStride);
        packMatrix(dense, view, padded);
        return { address: space.address(plan, tensor, 0), words: floatWords(padded) };
      }),
  );
}

/** Where a plan's calls find what they do not own. */
export interface Surroundings {
  readonly space: AddressSpace;
  /** Rows of settings and state, policy table, scratch memory. */
  readonly rows: number;
  readonly policy: number;
  readonly scratch: number;
}

/**
 * Lays out the blocks of a plan's calls and its records.
 *
 * @param constant gets the blocks
 */
export function planImage(
  plan: Plan,
  { lanes, slots, constant }: { lanes: number; slots: number; constant: Segment[] },
  { space, rows, policy, scratch }: Surroundings,
): PlanImage {
  const add = (block: readonly number[]): number => {
    const address = space.reserve(4 * block.length);
    constant.push({ address, words: Uint32Array.from(block) });
    return address;
  };
  const perLane = Array.from({ length: lanes }, (_, lane) => lane);
  const words = recordWords(plan.sites.length);
  return {
    kernels: plan.calls.map(({ kernel }) => exportName(kernel)),
    blocks: perLane.map((lane) =>
      plan.calls.map((call) => add(callBlock(call, plan, (operand) => space.address(plan, operand, lane)))),
    ),
    lanes: perLane.map((lane) => {
      const row = rows + lane * ROW_BYTES;
      return add(laneBlock({ row, policy: policy + lane * POLICY_WORDS * 4, lanes, scratch }));
    }),
    records: { address: space.reserve(4 * words * lanes * slots), words },
  };
}
