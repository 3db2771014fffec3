/** What scalers did with the cases they were given, under the names that cases have for what they expect. */
import { scalerOf } from '../training/scalers';
import {
  delayedScalingTarget,
  startDelayedScaling,
  updateDelayedScaling,
  type DelayedScalingState,
} from '../training/scalers/delayed-scaling';
import { playScaler, type Played, type ScalerPlay } from '../training/scalers/play';
import type { Backend } from '../training/backend';
import { playDelayedScalers, playScalers } from '../training/play-scalers';
import type { CasePlay } from './scaler-cases';

/** JSON has no infinities. */
type JsonNumber = number | 'Infinity' | '-Infinity' | 'NaN';

export interface ScalerAnswer {
  readonly expectedScale: readonly JsonNumber[];
  readonly expectedTracker?: readonly number[];
  readonly expectedHysteresis?: readonly number[];
  readonly expectedStepApplied?: readonly boolean[];
  /** [optimizer][step] */
  readonly expectedStepAppliedPerOptimizer?: readonly (readonly boolean[])[];
  readonly expectedHistory?: readonly (readonly JsonNumber[])[];
  readonly expectError?: {
    readonly at: 'constructor' | number;
    readonly type: string;
    readonly message: string;
  };
}

type DelayedPlay = Extract<CasePlay, { readonly amax: readonly number[] }>;

/** What plays scalers: a backend's own kernels, or the reference. */
export interface ScalerPlayer {
  playScalers(plays: readonly ScalerPlay[]): Promise<readonly Played[]>;
  /** The state after each step of each play. */
  playDelayed(plays: readonly DelayedPlay[]): Promise<readonly (readonly DelayedScalingState[])[]>;
}

function playDelayedScaling({ delayed, amax }: DelayedPlay): readonly DelayedScalingState[] {
  const recipe = { algorithm: delayed.algorithm, target: delayedScalingTarget(delayed) };
  let state = startDelayedScaling(delayed);
  return amax.map((magnitude) => {
    state = updateDelayedScaling(state, magnitude, recipe);
    return state;
  });
}

export const REFERENCE_PLAYER: ScalerPlayer = {
  playScalers: (plays) => Promise.resolve(plays.map(playScaler)),
  playDelayed: (plays) => Promise.resolve(plays.map(playDelayedScaling)),
};

/** What plays scalers on a backend, through its kernels. */
export const backendPlayer = (backend: Backend): ScalerPlayer => ({
  playScalers: (plays) => playScalers(backend, plays),
  playDelayed: (plays) =>
    playDelayedScalers(
      backend,
      plays.map(({ delayed, amax }) => ({ parameters: delayed, magnitudes: amax })),
    ),
});

function jsonNumber(value: number): JsonNumber {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  return value === -Infinity ? '-Infinity' : value;
}

/** A float as Python prints it: 1.0, 0.0001, 1e-05. */
function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

type LossPlay = Extract<CasePlay, { readonly play: ScalerPlay }>;

function errorOf({ kind, parameters }: ScalerPlay, { raised }: Played): Pick<ScalerAnswer, 'expectError'> {
  if (raised === null) return {};
  const { type, message } = scalerOf(kind).raises[raised.code];
  const filled = message.replaceAll(/\{(\w+)\}/g, (_, name: string) => pythonFloat(parameters[name]));
  return { expectError: { at: raised.at, type, message: filled } };
}

function lossAnswer({ play, perOptimizer }: LossPlay, played: Played): ScalerAnswer {
  const { onOverflow, state } = scalerOf(play.kind);
  const { states } = played;
  const executed = (foundInf: boolean): boolean => onOverflow === 'apply' || !foundInf;
  const applied = (overflows: readonly boolean[]): boolean[] =>
    overflows.slice(0, states.length).map(executed);
  const remembers = (word: string): boolean => state.some(({ name }) => name === word);
  return {
    expectedScale: states.map(({ scale }) => jsonNumber(scale)),
    expectedTracker: states.map(({ tracker = 0 }) => tracker),
    ...(remembers('hysteresis') && { expectedHysteresis: states.map(({ hysteresis }) => hysteresis) }),
    expectedStepApplied: applied(play.steps.map(({ foundInf }) => foundInf)),
    ...(perOptimizer && { expectedStepAppliedPerOptimizer: perOptimizer.map(applied) }),
    ...errorOf(play, played),
  };
}

const delayedAnswer = (states: readonly DelayedScalingState[]): ScalerAnswer => ({
  expectedScale: states.map(({ scale }) => jsonNumber(scale)),
  expectedHistory: states.map(({ history }) => history.map(jsonNumber)),
});

/** The answers to cases, in their order. All scalers are played at once: a backend has room for many. */
export async function answersOf(plays: readonly CasePlay[], player: ScalerPlayer): Promise<ScalerAnswer[]> {
  const losses = plays.filter((each): each is LossPlay => each.delayed === null);
  const delayed = plays.filter((each): each is DelayedPlay => each.delayed !== null);
  const [played, histories] = await Promise.all([
    player.playScalers(losses.map(({ play }) => play)),
    player.playDelayed(delayed),
  ]);
  const answers = new Map<CasePlay, ScalerAnswer>();
  losses.forEach((each, i) => answers.set(each, lossAnswer(each, played[i])));
  delayed.forEach((each, i) => answers.set(each, delayedAnswer(histories[i])));
  return plays.map((each) => answers.get(each) ?? { expectedScale: [] });
}
