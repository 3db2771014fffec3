/** Everything a backend needs to run an experiment: plans, data, initial values, policy table, lane settings. */
import type { LaneSettings } from '../graph/lanes';
import type { Plan } from '../graph/plan';
import type { LanePolicy } from '../graph/policy';
import type { Accumulation } from '../numerics/accumulation';
import type { NumberFormat, Rounding } from '../numerics/formats';

export interface Program {
  /** One training step, from the gathering of the batch to the scaler's update. */
  readonly training: Plan;
  /** Forward pass over the held-out rows, with loss and number of correct rows; shares the parameters. */
  readonly evaluation: Plan;
  /** Held-out rows, all of which the evaluation plan takes at once. */
  readonly evaluationRows: number;
  /** Dense contents of shared tensors (data sets, tables), by tensor name, for both plans. */
  readonly contents: ReadonlyMap<string, Float32Array>;
  readonly lanes: readonly LaneProgram[];
}

export interface LaneProgram {
  readonly settings: LaneSettings;
  /** Initial values of every parameter, dense, by name. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** The policy table: format of each site of `training.sites`, by site id. */
  readonly formats: readonly NumberFormat[];
  readonly rounding: Rounding;
  /** Sites at which the lane rounds otherwise, by id. */
  readonly roundings?: ReadonlyMap<number, Rounding>;
  readonly accumulation: Accumulation;
}

/** What a backend needs to know to write values in a lane. */
export const policyOf = ({
  settings,
  formats,
  rounding,
  roundings,
  accumulation,
}: LaneProgram): LanePolicy => ({
  formats,
  rounding,
  roundings,
  accumulation,
  seed: settings.seed,
});
