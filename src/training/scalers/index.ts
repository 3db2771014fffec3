/** The loss scalers. Whatever treats all of them walks this list. */
import { apex, apexStatic } from './apex.ts';
import { apexHysteresis } from './apex-hysteresis.ts';
import { custom } from './custom.ts';
import { deepspeed, deepspeedFp16Optimizer } from './deepspeed.ts';
import { fairseq } from './fairseq.ts';
import { flax } from './flax.ts';
import { jmp } from './jmp.ts';
import { keras } from './keras.ts';
import { megatron, megatronConstant } from './megatron.ts';
import { none } from './none.ts';
import { pytorch } from './pytorch.ts';
import type { FrameworkError, LossScaler, ScalerValues, Values } from './scaler.ts';
import { staticScale } from './static.ts';
import { tfKeras } from './tf-keras.ts';

const LIST = [
  none,
  staticScale,
  pytorch,
  keras,
  tfKeras,
  apex,
  apexStatic,
  apexHysteresis,
  deepspeed,
  deepspeedFp16Optimizer,
  megatron,
  megatronConstant,
  fairseq,
  jmp,
  flax,
  custom,
] as const;

type Listed = (typeof LIST)[number];
type ListedParameter = Listed['parameters'][number];
type LiveParameter = Extract<ListedParameter, { readonly live: true }>;

type CodesOf<Scaler extends Listed> = Scaler extends Listed ? keyof Scaler['raises'] & string : never;

export type ScalerKind = Listed['kind'];
/** Names of parameters, whoever has them. */
export type ParameterName = ListedParameter['name'];
/** Names of those that may change while a run goes on. */
export type LiveParameterName = LiveParameter['name'];
/** Names of what scalers remember. */
export type StateName = Listed['state'][number]['name'];
/** Codes of what they raise. */
export type RaiseCode = CodesOf<Listed>;

/** The settings of one kind: its name, and a number for each of its parameters. */
type SettingsOf<Scaler extends Listed> = Scaler extends Listed
  ? { readonly kind: Scaler['kind'] } & Values<Scaler['parameters']>
  : never;
export type ScalerSettings = SettingsOf<Listed>;

/** In the order in which a person chooses among them. Its place is the number that a kind has in a lane's row. */
export const SCALER_LIST: readonly LossScaler[] = LIST;
export const SCALER_KINDS: readonly ScalerKind[] = LIST.map(({ kind }) => kind);

const byKind = new Map(SCALER_LIST.map((scaler) => [scaler.kind, scaler]));
const parametersByKind = new Map<string, readonly ListedParameter[]>(
  LIST.map(({ kind, parameters }) => [kind, parameters]),
);

/** @throws RangeError for a kind that there is none of */
export function scalerOf(kind: string): LossScaler {
  const found = byKind.get(kind);
  if (found === undefined) throw new RangeError(`no scaler is called ${kind}`);
  return found;
}

/** The parameters of a kind, in the order in which they are written and shown. */
export const parametersOf = (kind: ScalerKind): readonly ListedParameter[] =>
  parametersByKind.get(kind) ?? [];

/** Those of a kind that may change while a run goes on. */
export const liveParametersOf = (kind: ScalerKind): readonly LiveParameter[] =>
  parametersOf(kind).flatMap((parameter) => (parameter.live ? [parameter] : []));

/** Every parameter once: all scalers that have it share key and bound. */
export const SCALER_PARAMETERS = new Map(
  SCALER_KINDS.flatMap(parametersOf).map((parameter) => [parameter.name, parameter]),
);

export const LIVE_PARAMETERS: readonly LiveParameterName[] = [...SCALER_PARAMETERS.values()].flatMap(
  (parameter) => (parameter.live ? [parameter.name] : []),
);

/** The kind with these numbers, and its usual ones where none is given. */
export const scalerSettings = (kind: ScalerKind, given: ScalerValues = {}): ScalerSettings =>
  // The names are those of the description, which the type is made of.
  ({
    kind,
    ...Object.fromEntries(parametersOf(kind).map(({ name, usual }) => [name, given[name] ?? usual])),
  }) as ScalerSettings;

/** The numbers of settings by name. */
export function numbersOf(settings: ScalerSettings): ScalerValues {
  const { kind: _, ...numbers } = settings;
  return numbers;
}

/** What a scaler's constructor says to such settings, or null. */
export const refusal = (settings: ScalerSettings): string | null =>
  scalerOf(settings.kind).refuses(numbersOf(settings));

/** The scale that a run starts with. */
export const startingScale = (settings: ScalerSettings): number =>
  scalerOf(settings.kind).start(numbersOf(settings)).scale;

/** Whether a kind of scaler skips a step with an overflow. */
export const skipsOverflows = (kind: string): boolean => scalerOf(kind).onOverflow === 'skip';

/** Whether a kind of scaler divides gradients by the scale, where others multiply them by its reciprocal. */
export const dividesByScale = (kind: string): boolean => scalerOf(kind).unscale === 'division';

/** The framework's own numbers. */
export const usualParameters = (scaler: LossScaler): ScalerValues =>
  Object.fromEntries(scaler.parameters.map(({ name, usual }) => [name, usual]));

/** The number that an error of a scaler has in records; 0 is none. */
export const raiseNumber = ({ raises }: LossScaler, code: string): number =>
  Object.keys(raises).indexOf(code) + 1;

/** The error that a number in records stands for, or null. */
export function raisedError(
  { raises }: LossScaler,
  number: number,
): { readonly code: string; readonly error: FrameworkError } | null {
  const code = Object.keys(raises)[number - 1];
  return code === undefined ? null : { code, error: raises[code] };
}
