/**
 * Plays scalers through the kernel that ends a backend's steps: overflows are given instead of found, and nothing else of
 * a training step is there. What comes back is what the lanes' rows and records hold.
 */
import { GraphBuilder } from '../graph/builder';
import { plan, type Plan } from '../graph/plan';
import { IN_ORDER, NEAREST_EVEN } from '../graph/policy';
import { HEADER, recordWords } from '../graph/records';
import { FORMATS } from '../numerics/formats';
import type { Tensor } from '../graph/tensor';
import { advance } from './advance';
import type { Backend, Runner } from './backend';
import { delayedScaling, recipeOf } from './delayed-scaling';
import { givenOverflows } from './given-overflows';
import { laneScaler } from './lanes';
import type { LaneProgram, Program } from './program';
import { raisedError, scalerOf } from './scalers';
import type { DelayedScalingParameters, DelayedScalingState } from './scalers/delayed-scaling';
import type { Played, PlayStep, ScalerPlay } from './scalers/play';
import type { ScalerValues } from './scalers/scaler';
import { unpackWords } from './scalers/words';

/** A program has so many lanes. */
const MAX_LANES = 40;

/** The overflows of a lane are its only parameter, for parameters are what lanes bring with them. */
const SEQUENCE = 'overflows.weight';

function playPlan(steps: number, training: boolean): Plan {
  const builder = new GraphBuilder();
  const zeros = { kind: 'constant', value: 0 } as const;
  const sequence = builder.parameter('overflows', 'weight', [1, steps], zeros, 'none');
  givenOverflows(builder, sequence.master);
  if (training) advance(builder, { unscales: false });
  return plan(builder);
}

const numbers = {
  multiplier: 1,
  learningRate: 0,
  momentum: 0,
  beta1: 0,
  beta2: 0,
  epsilon: 0,
  singleTensor: false,
  kahan: false,
  seed: 0,
};

function laneProgram({ kind, parameters, steps: played }: ScalerPlay, steps: number): LaneProgram {
  const sequence = new Float32Array(steps);
  played.forEach(({ foundInf, newScale }, step) => {
    sequence[step] = foundInf && newScale === undefined ? 1 : 0;
  });
  return {
    settings: { ...numbers, scaler: laneScaler(kind, parameters) },
    initial: new Map([[SEQUENCE, sequence]]),
    formats: [FORMATS.fp32],
    rounding: NEAREST_EVEN,
    accumulation: IN_ORDER,
  };
}

/** A lane while its scaler is played. */
class Player {
  readonly #play: ScalerPlay;
  readonly #lane: number;
  readonly #states: ScalerValues[] = [];
  #parameters: ScalerValues;
  #state: ScalerValues;
  #raised: Played['raised'] = null;

  constructor(play: ScalerPlay, lane: number) {
    this.#play = play;
    this.#lane = lane;
    this.#parameters = laneScaler(play.kind, play.parameters).parameters;
    this.#state = scalerOf(play.kind).start(this.#parameters);
  }

  get played(): Played {
    return { states: this.#states, raised: this.#raised };
  }

  /** Sets what is set before a step. */
  begin(step: number, runner: Runner): void {
    const { parameters, state }: Partial<PlayStep> = this.#play.steps[step] ?? {};
    if (parameters) {
      this.#parameters = { ...this.#parameters, ...parameters };
      const scaler = { kind: this.#play.kind, parameters: this.#parameters };
      runner.setSettings(this.#lane, { ...numbers, scaler });
    }
    if (state) runner.setScalerState(this.#lane, state);
    this.#state = { ...this.#state, ...state };
  }

  /** Reads what a step has left; a new scale stands in place of the update, so what that did is taken back. */
  end(step: number, record: Uint32Array, runner: Runner): void {
    const { newScale, ...played }: Partial<PlayStep> = this.#play.steps[step] ?? {};
    if (this.#raised !== null || played.foundInf === undefined) return;
    const scaler = scalerOf(this.#play.kind);
    if (newScale !== undefined) {
      const single = scaler.state[0].encoding === 'f32';
      this.#state = { ...this.#state, scale: single ? Math.fround(newScale) : newScale };
      runner.setScalerState(this.#lane, this.#state);
      this.#states.push(this.#state);
      return;
    }
    const error = raisedError(scaler, record[HEADER.raised]);
    if (error !== null) {
      this.#raised = { at: step, code: error.code };
      return;
    }
    this.#state = unpackWords(scaler.state, record.subarray(HEADER.scalerState));
    this.#states.push(this.#state);
  }
}

/** Whether something is to be done in front of a step, or was left to do by the one before. */
const interrupts = ({ steps }: ScalerPlay, step: number): boolean => {
  const { parameters, state, newScale }: Partial<PlayStep> = steps[step] ?? {};
  const set = parameters !== undefined || state !== undefined || newScale !== undefined;
  return set || steps[step - 1]?.newScale !== undefined;
};

async function playTogether(backend: Backend, plays: readonly ScalerPlay[]): Promise<readonly Played[]> {
  const steps = Math.max(1, ...plays.map((play) => play.steps.length));
  const training = playPlan(steps, true);
  const program: Program = {
    training,
    evaluation: playPlan(steps, false),
    evaluationRows: 1,
    contents: new Map(),
    lanes: plays.map((play) => laneProgram(play, steps)),
  };
  const runner = await backend.prepare(program);
  const players = plays.map((play, lane) => new Player(play, lane));
  const words = recordWords(training.sites.length);
  for (let step = 0; step < steps;) {
    for (const player of players) player.begin(step, runner);
    let end = step + 1;
    const stop = Math.min(steps, step + runner.maxSteps);
    while (end < stop && !plays.some((play) => interrupts(play, end))) end++;
    const { words: records } = await runner.run(end - step);
    for (let at = step; at < end; at++) {
      players.forEach((player, lane) => {
        const from = ((at - step) * plays.length + lane) * words;
        player.end(at, records.subarray(from, from + words), runner);
      });
    }
    step = end;
  }
  runner.destroy();
  return players.map(({ played }) => played);
}

/**
 * The same as `playScaler` for each of the plays (scalers/play.ts), on a backend. Plays of one kind are played together,
 * because a program compiles the rules of its lanes.
 */
export async function playScalers(
  backend: Backend,
  plays: readonly ScalerPlay[],
): Promise<readonly Played[]> {
  const results = new Map<ScalerPlay, Played>();
  const accepted = plays.filter((play) => {
    const code = scalerOf(play.kind).refuses(laneScaler(play.kind, play.parameters).parameters);
    if (code !== null) results.set(play, { states: [], raised: { at: 'constructor', code } });
    return code === null;
  });
  for (const kind of new Set(accepted.map((play) => play.kind))) {
    const ofKind = accepted.filter((play) => play.kind === kind);
    for (let from = 0; from < ofKind.length; from += MAX_LANES) {
      const some = ofKind.slice(from, from + MAX_LANES);
      const played = await playTogether(backend, some);
      some.forEach((play, i) => results.set(play, played[i]));
    }
  }
  return plays.flatMap((play) => results.get(play) ?? []);
}

/** One tensor under delayed scaling, and the largest magnitude of each step. */
export interface DelayedScalingPlay {
  readonly parameters: DelayedScalingParameters;
  readonly magnitudes: readonly number[];
}

/** What the lanes bring: parameters of the network, for the want of another way to bring something. */
function delayedPlan(steps: number, longest: number, training: boolean): Plan {
  const builder = new GraphBuilder();
  const zeros = { kind: 'constant', value: 0 } as const;
  const tensor = (name: string, columns: number): Tensor =>
    builder.parameter(name, 'weight', [1, columns], zeros, 'none').master;
  delayedScaling(builder, {
    magnitudes: tensor('magnitudes', steps),
    recipe: tensor('recipe', 3),
    history: tensor('history', longest),
    scale: tensor('scale', 1),
  });
  if (training) advance(builder, { unscales: false });
  return plan(builder);
}

/** The states of delayed scaling after each step, by a backend's kernel. */
export async function playDelayedScalers(
  backend: Backend,
  plays: readonly DelayedScalingPlay[],
): Promise<readonly (readonly DelayedScalingState[])[]> {
  if (plays.length === 0) return [];
  const steps = Math.max(1, ...plays.map(({ magnitudes }) => magnitudes.length));
  const longest = Math.max(...plays.map(({ parameters }) => parameters.historyLength));
  const padded = (values: ArrayLike<number>, length: number): Float32Array => {
    const row = new Float32Array(length);
    row.set(values);
    return row;
  };
  const training = delayedPlan(steps, longest, true);
  const runner = await backend.prepare({
    training,
    evaluation: delayedPlan(steps, longest, false),
    evaluationRows: 1,
    contents: new Map(),
    lanes: plays.map(({ parameters, magnitudes }) => ({
      settings: { ...numbers, scaler: laneScaler('none') },
      initial: new Map([
        ['magnitudes.weight', padded(magnitudes, steps)],
        ['recipe.weight', recipeOf(parameters)],
        ['history.weight', new Float32Array(longest)],
        ['scale.weight', Float32Array.of(1)],
      ]),
      formats: training.sites.map(() => FORMATS.fp32),
      rounding: NEAREST_EVEN,
      accumulation: IN_ORDER,
    })),
  });
  const states = plays.map((): DelayedScalingState[] => []);
  for (let step = 0; step < steps; step++) {
    await runner.run(1);
    for (const [lane, { parameters, magnitudes }] of plays.entries()) {
      if (step >= magnitudes.length) continue;
      const [scale] = await runner.read('scale.weight.master', lane);
      const history = await runner.read('history.weight.master', lane);
      states[lane].push({ scale, history: [...history.subarray(0, parameters.historyLength)] });
    }
  }
  runner.destroy();
  return states;
}
