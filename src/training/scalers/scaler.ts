/**
 * What a loss scaler is: a description from which everything else follows. Settings, schema, link, lane row, panel
 * and reports are derived from the list in index.ts, so that one more scaler is one more file beside this one, its texts,
 * and its rule once more for each backend.
 */
import type { Bound } from '../../numerics/bound.ts';

/**
 * How a number is held where bits matter: what the framework holds it in. Frameworks in Python keep the scale in a
 * double, those with a tensor in binary32.
 */
export type Encoding = 'f64' | 'f32' | 'i32';

/** A number that a person chooses. Every parameter of the same name has the same key and bound, whoever has it. */
export interface ScalerParameter {
  readonly name: string;
  /** What it is called in a link: one letter. */
  readonly key: string;
  /** The framework's default. A link leaves it out, so it is part of the meaning of every link and never changes. */
  readonly usual: number;
  readonly bound: Bound;
  /** Whether it may change while a run goes on. */
  readonly live: boolean;
  readonly encoding: Encoding;
  /** How it is shown and set. A switch is 0 or 1. */
  readonly as: 'power of two' | 'factor' | 'share' | 'count' | 'switch';
  /** What the framework calls it: the argument of its constructor. */
  readonly called: string;
}

/** A number that the scaler remembers from step to step. */
export interface StateWord {
  readonly name: string;
  readonly encoding: Encoding;
}

/** An error as the framework raises it: class and text, with `{name}` where a parameter of that name stands in it. */
export interface FrameworkError {
  readonly type: string;
  readonly message: string;
}

export type FrameworkErrors = Readonly<Record<string, FrameworkError>>;

/** One number for every name in a list. */
export type Values<List extends readonly { readonly name: string }[]> = {
  readonly [Name in List[number]['name']]: number;
};

/** Numbers by the names in a description. */
export type ScalerValues = Readonly<Record<string, number>>;

/** What a step does instead of an update where the framework raises: training ends there. */
export interface Raised<Code extends string = string> {
  readonly raises: Code;
}

export interface ScalerDescription<
  Kind extends string,
  Parameters extends readonly ScalerParameter[],
  Words extends readonly StateWord[],
  Errors extends FrameworkErrors,
> {
  /** What experiments and links call it. */
  readonly kind: Kind;
  /** What people call it: a name of the field, the same in every language. */
  readonly name: string;
  /** Where its rule comes from: repository and path. */
  readonly source: string;
  /**
   * The file that holds `update` for the backends: shaders/training/scalers/<rule>.wgsl and
   * src/backends/wasm/assembly/scalers/<rule>.ts. Null where the state never changes.
   */
  readonly rule: string | null;
  /** The scale to start with comes first: `scale` where it stays, else `initialScale`. */
  readonly parameters: Parameters;
  /** The scale comes first. `tracker` counts the steps towards the next growth, `hysteresis` overflows still to be borne. */
  readonly state: Words;
  /** Where infinities and NaN are looked for. `gradient sum`: what makes the f32 sum of a gradient not finite. */
  readonly looksAt: 'scaled gradients' | 'unscaled gradients' | 'gradient norm' | 'gradient sum' | 'never';
  /** How gradients are unscaled: times f32(1/f64(scale)), or divided by the scale. */
  readonly unscale: 'reciprocal' | 'division';
  /** Whether a step with infinities is skipped or done all the same. */
  readonly onOverflow: 'skip' | 'apply';
  /** Every error that it can raise. The number of a code is its place here, counted from 1. */
  readonly raises: Errors;
  /** What is raised where gradients are to be unscaled at scale 0: Python does not divide by zero. */
  readonly raisesAtZero?: NoInfer<keyof Errors & string>;
  /** What the constructor raises for these numbers, or null. */
  refuses(parameters: Values<Parameters>): NoInfer<keyof Errors & string> | null;
  start(parameters: Values<Parameters>): Values<Words>;
  /** State after a step, or what is raised instead, which leaves the state as it was. */
  update(
    state: Values<Words>,
    foundInf: boolean,
    parameters: Values<Parameters>,
  ): Values<Words> | Raised<NoInfer<keyof Errors & string>>;
}

/** Any of them. */
export type LossScaler = ScalerDescription<
  string,
  readonly ScalerParameter[],
  readonly [StateWord, ...StateWord[]],
  FrameworkErrors
>;

/** Those that a rule reads while a run goes on. */
export const liveParameters = ({ parameters }: LossScaler): readonly ScalerParameter[] =>
  parameters.filter(({ live }) => live);

export const isRaised = (result: ScalerValues | Raised): result is Raised =>
  typeof result.raises === 'string';

/** Checks a description against what a scaler is, and keeps the names in its type. */
export const lossScaler = <
  const Kind extends string,
  const Parameters extends readonly ScalerParameter[],
  const Words extends readonly [{ readonly name: 'scale'; readonly encoding: Encoding }, ...StateWord[]],
  const Errors extends FrameworkErrors,
>(
  description: ScalerDescription<Kind, Parameters, Words, Errors>,
): ScalerDescription<Kind, Parameters, Words, Errors> => description;

/** Python's max(a, b) and min(a, b): the first where neither is larger, so that NaN counts as it does there. */
export const pythonMax = (a: number, b: number): number => (b > a ? b : a);
export const pythonMin = (a: number, b: number): number => (b < a ? b : a);
