/**
 * Cases of loss scalers in a file: what a framework's scaler did with a sequence of overflows, or Transformer Engine's
 * delayed scaling with a sequence of magnitudes. A case says what it is given in the framework's own words (init_scale
 * written as initScale); here it becomes a play. Non-finite numbers are the texts "Infinity" and "NaN".
 */
import * as v from 'valibot';
import { shown } from '../numerics/shown';
import { scalerOf, usualParameters, type ScalerKind } from '../training/scalers';
import type { DelayedScalingParameters } from '../training/scalers/delayed-scaling';
import type { PlayStep, ScalerPlay } from '../training/scalers/play';
import type { LossScaler, ScalerValues } from '../training/scalers/scaler';

export class CaseError extends Error {
  override readonly name = 'CaseError';
}

const number = v.union([
  v.number(),
  v.pipe(
    v.picklist(['Infinity', '-Infinity', 'NaN']),
    v.transform((text) => Number(text)),
  ),
]);
const value = v.union([v.boolean(), number, v.null()]);
/** Frameworks say it as a float as well. */
const overflow = v.union([
  v.boolean(),
  v.pipe(
    v.number(),
    v.transform((found) => found !== 0),
  ),
]);
const event = v.object({
  at: v.number(),
  op: v.string(),
  value: v.union([value, v.record(v.string(), value)]),
});

/** What every case has; the arrays that it expects are for whoever compares. */
const caseSchema = v.looseObject({
  name: v.string(),
  kind: v.string(),
  config: v.optional(v.record(v.string(), v.union([value, v.string()])), {}),
  foundInf: v.optional(v.array(overflow)),
  foundInfPerOptimizer: v.optional(v.array(v.array(overflow))),
  amax: v.optional(v.array(number)),
  events: v.optional(v.array(event), []),
  expectError: v.optional(
    v.object({
      at: v.union([v.number(), v.literal('constructor')]),
      type: v.string(),
      messageIncludes: v.string(),
    }),
  ),
});
export type ScalerCase = v.InferOutput<typeof caseSchema>;
type Config = ScalerCase['config'];

/** What a case asks for. */
export type CasePlay =
  | { readonly delayed: DelayedScalingParameters; readonly amax: readonly number[] }
  | {
      readonly delayed: null;
      readonly play: ScalerPlay;
      /** [optimizer][step]: whether an optimizer's own gradients overflow; null where there is one optimizer. */
      readonly perOptimizer: readonly (readonly boolean[])[] | null;
    };

/** The cases of a file: a list, or an object whose `cases` is one. @throws CaseError */
export function readCases(file: unknown): readonly unknown[] {
  const list: unknown = v.is(v.looseObject({ cases: v.array(v.unknown()) }), file) ? file.cases : file;
  if (!Array.isArray(list)) throw new CaseError('a file of cases is a list of them');
  return list;
}

/** @throws CaseError */
export function parseCase(input: unknown): ScalerCase {
  const result = v.safeParse(caseSchema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new CaseError(`${v.getDotPath(issue) ?? 'the case'}: ${issue.message}`);
}

/** What Megatron's constant scaler is not given. */
const MOVING = ['minScale', 'growthFactor', 'backoffFactor', 'growthInterval', 'hysteresis'];

/** How a kind of case, and what its config says besides parameters, names a scaler. */
const KINDS: Readonly<
  Record<string, (config: Config) => { readonly kind: ScalerKind; readonly read: readonly string[] }>
> = {
  pytorch: ({ enabled }) => ({ kind: enabled === false ? 'none' : 'dynamic', read: ['enabled'] }),
  keras: () => ({ kind: 'keras', read: [] }),
  tf_keras: () => ({ kind: 'tf-keras', read: [] }),
  // scale_factor is an argument that nothing reads.
  apex: (config) => {
    const isStatic = typeof config.lossScale === 'number';
    const read = isStatic
      ? ['initScale', 'scaleFactor', 'scaleWindow', 'minLossScale', 'maxLossScale']
      : ['lossScale', 'scaleFactor'];
    return { kind: isStatic ? 'apex-static' : 'apex', read };
  },
  apex_hysteresis: () => ({ kind: 'apex-hysteresis', read: [] }),
  deepspeed: ({ variant }) =>
    variant === 'FP16_Optimizer'
      ? {
          kind: 'deepspeed-fp16-optimizer',
          read: ['variant', 'delayedShift', 'consecutiveHysteresis', 'raiseErrorAtMinScale'],
        }
      : { kind: 'deepspeed', read: ['variant'] },
  megatron: ({ constant }) => ({
    kind: constant === true ? 'megatron-constant' : 'megatron',
    read: ['constant', ...(constant === true ? MOVING : [])],
  }),
  fairseq: () => ({ kind: 'fairseq', read: [] }),
  jmp: () => ({ kind: 'jmp', read: [] }),
  flax: () => ({ kind: 'flax', read: [] }),
};

/** Other words for a parameter than those of the framework's constructor. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  initialScale: ['initScale', 'initialScale', 'initialLossScale'],
  scale: ['initialScale', 'initScale'],
  minimumScale: ['minScale', 'minLossScale'],
  maximumScale: ['maxScale', 'maxLossScale'],
  growthInterval: ['scaleWindow', 'lossScaleWindow', 'dynamicGrowthSteps', 'period'],
  factor: ['scaleFactor'],
};

const camel = (called: string): string =>
  called.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A parameter as a number: None is 0, as the descriptions have it, and a switch is 0 or 1. */
function numeric(name: string, given: Config[string]): number {
  if (typeof given === 'string') throw new CaseError(`${name} must be a number, not ${shown(given)}`);
  return given === null ? 0 : Number(given);
}

function parametersOf(scaler: LossScaler, config: Config, known: readonly string[]): ScalerValues {
  const values = { ...usualParameters(scaler) };
  const unknown = new Set(Object.keys(config).filter((key) => !known.includes(key)));
  for (const { name, called } of scaler.parameters) {
    const key = [camel(called), name, ...(SYNONYMS[name] ?? [])].find((word) => unknown.has(word));
    if (key === undefined) continue;
    unknown.delete(key);
    values[name] = numeric(key, config[key]);
  }
  const [first] = unknown;
  if (first !== undefined && scaler.parameters.length > 0) {
    throw new CaseError(`${scaler.name} has no ${shown(first)}`);
  }
  return values;
}

const SETTERS: ReadonlyMap<string, string> = new Map([
  ['setGrowthInterval', 'growthInterval'],
  ['setGrowthFactor', 'growthFactor'],
  ['setBackoffFactor', 'backoffFactor'],
]);

/** What checkpoints call state. */
const STATE_KEYS: ReadonlyMap<string, string> = new Map([
  ['scale', 'scale'],
  ['_growth_tracker', 'tracker'],
  ['growth_tracker', 'tracker'],
  ['hysteresis_tracker', 'hysteresis'],
]);

/** What a checkpoint sets: state and, under their own names, parameters. */
function checkpoint(scaler: LossScaler, saved: Config): Pick<PlayStep, 'parameters' | 'state'> {
  const parameters: Record<string, number> = {};
  const state: Record<string, number> = {};
  for (const [key, given] of Object.entries(saved)) {
    const parameter = scaler.parameters.find(({ called }) => called === key);
    const word = STATE_KEYS.get(key);
    if (parameter) parameters[parameter.name] = numeric(key, given);
    else if (word !== undefined && scaler.state.some(({ name }) => name === word))
      state[word] = numeric(key, given);
    else throw new CaseError(`${scaler.name} saves no ${shown(key)}`);
  }
  return { parameters, state };
}

/** One event as what it adds to its step. */
function changeOf(scaler: LossScaler, { op, value: given }: ScalerCase['events'][number]): Partial<PlayStep> {
  // Disabled, GradScaler takes everything and does nothing.
  if (scaler.kind === 'none') return {};
  if (typeof given === 'object' && given !== null) {
    if (op === 'loadStateDict') return checkpoint(scaler, given);
  } else if (op === 'updateNewScale') {
    return { newScale: numeric(op, given) };
  } else {
    const name = SETTERS.get(op);
    if (name !== undefined && scaler.parameters.some((each) => each.name === name))
      return { parameters: { [name]: numeric(op, given) } };
  }
  throw new CaseError(`${scaler.name} has no event ${shown(op)} with such a value`);
}

function stepsOf(scaler: LossScaler, { foundInf, foundInfPerOptimizer, events }: ScalerCase): PlayStep[] {
  const any = (at: number): boolean => (foundInfPerOptimizer ?? []).some((optimizer) => optimizer[at]);
  const overflows = foundInf ?? (foundInfPerOptimizer?.[0] ?? []).map((_, at) => any(at));
  return overflows.map((overflow, at) =>
    events
      .filter((each) => each.at === at)
      .reduce<PlayStep>(
        (step, each) => {
          const { parameters, state, newScale = step.newScale } = changeOf(scaler, each);
          return {
            ...step,
            parameters: { ...step.parameters, ...parameters },
            state: { ...step.state, ...state },
            newScale,
          };
        },
        { foundInf: overflow },
      ),
  );
}

function delayedPlay({ config, amax = [] }: ScalerCase): CasePlay {
  const { amaxHistoryLen = 1024, amaxComputeAlgo = 'max', margin = 0, fp8Max = 448, ...unknown } = config;
  const [first] = Object.keys(unknown);
  if (first !== undefined) throw new CaseError(`delayed scaling has no ${shown(first)}`);
  if (amaxComputeAlgo !== 'max' && amaxComputeAlgo !== 'most_recent') {
    throw new CaseError(`amaxComputeAlgo must be max or most_recent, not ${shown(String(amaxComputeAlgo))}`);
  }
  const delayed: DelayedScalingParameters = {
    historyLength: numeric('amaxHistoryLen', amaxHistoryLen),
    formatMaximum: numeric('fp8Max', fp8Max),
    margin: numeric('margin', margin),
    algorithm: amaxComputeAlgo,
  };
  return { delayed, amax };
}

/** @throws CaseError for a kind, config or event that there is none of */
export function playOf(entry: ScalerCase): CasePlay {
  if (entry.kind === 'te_delayed') return delayedPlay(entry);
  const named = Object.hasOwn(KINDS, entry.kind) ? KINDS[entry.kind](entry.config) : undefined;
  if (named === undefined) throw new CaseError(`there is no kind ${shown(entry.kind)}`);
  const scaler = scalerOf(named.kind);
  const parameters = parametersOf(scaler, entry.config, named.read);
  return {
    delayed: null,
    play: { kind: scaler.kind, parameters, steps: stepsOf(scaler, entry) },
    perOptimizer: entry.foundInfPerOptimizer ?? null,
  };
}
