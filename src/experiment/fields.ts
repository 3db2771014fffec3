/**
 * The one table of what a link holds. Writing and reading walk it in order with a draft that starts as the default
 * experiment: a field is written where it differs from the draft and then put into it, so whatever an earlier field
 * implies (the task's batch size, the forward format for gradients) is left out by itself.
 */
import * as v from 'valibot';
import { shown } from '../numerics/shown';
import { MAX_INTERVENTIONS, MAX_LANES, type BoundedKey } from './bounds';
import { DEFAULT_DYNAMIC, defaultExperiment, defaultOptimizer, defaultScaler, lane } from './defaults';
import { SCALER_PARAMETERS, startingScale } from '../training/scalers';
import type {
  Experiment,
  Intervention,
  LaneConfig,
  LiveKey,
  OptimizerConfig,
  ScalerConfig,
} from './experiment';
import {
  accumulationSchema,
  autocastSchema,
  formatName,
  interventionProblem,
  issue,
  laneProblem,
  nameSchema,
  roundingSchema,
  siteFormatsSchema,
  sortInterventions,
  subnormalsSchema,
  taskSchema,
} from './schema';
import { laneTitle } from './lane-name';
import { FP32_STORES, type Stores } from '../precision/stores';
import { HAVE_LETTERS, scalerType } from './scaler-text';
import { gradientsType, memoryType, updateType, weightsType } from './stores-text';
import {
  check,
  checkedText,
  dotted,
  freeText,
  numberType,
  orDefault,
  TextError,
  writeNumber,
  type TextType,
} from './text';
import { message, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'meaningless-here': { key: string };
    'no-lane-field': { field: string };
    'lane-field-twice': { field: string };
    'too-many': { most: number; what: Message; given: number };
    'some-lanes': Record<never, never>;
    'some-interventions': Record<never, never>;
    'not-a-site-format': { text: string };
    'not-an-intervention': { text: string };
    'sgd-or-adam': Record<never, never>;
  }
}

/** One field of a `Target`. `get` gives undefined and `set` null where the target has no such field. */
export interface Field<Target> {
  readonly key: string;
  /** The field's text, or null where the target has no such field. */
  write(target: Target): string | null;
  /** @throws TextError */
  read(draft: Target, text: string): Target;
}

/** Whether the words of a message begin with this key already. */
const names = ({ code, values }: Message, key: string): boolean =>
  (code === 'must-be' && values.name === key) || (code === 'meaningless-here' && values.key === key);

/**
 * Reads one field; what is said about it names its key.
 *
 * @throws TextError
 */
export function readField<Target>(known: Field<Target>, draft: Target, text: string): Target {
  try {
    return known.read(draft, text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const { said } = error;
    const { key } = known;
    throw new TextError(
      key === '' || names(said, key) ? said : message('about', { name: key, problem: said }),
    );
  }
}

function field<Target, Value>(
  key: string,
  type: TextType<Value>,
  get: (target: Target) => Value | undefined,
  set: (draft: Target, value: Value) => Target | null,
): Field<Target> {
  return {
    key,
    write: (target) => {
      const value = get(target);
      return value === undefined ? null : type.write(value);
    },
    read: (draft, text) => {
      const changed = set(draft, type.read(text));
      if (changed === null) throw new TextError(message('meaningless-here', { key }));
      return changed;
    },
  };
}

type Kind<Union extends { kind: string }, K extends Union['kind']> = Extract<Union, { kind: K }>;

/** The fields of a target that exist for one kind of its optimizer or scaler only. */
function member<Target, Config extends { kind: string }, K extends Config['kind']>(
  kind: K,
  read: (target: Target) => Config,
  write: (target: Target, config: Config) => Target,
) {
  const matching = (target: Target): Kind<Config, K> | null => {
    const config = read(target);
    const matches = (candidate: Config): candidate is Kind<Config, K> => candidate.kind === kind;
    return matches(config) ? config : null;
  };
  return <Name extends keyof Kind<Config, K> & BoundedKey>(key: string, name: Name): Field<Target> =>
    field<Target, number>(
      key,
      numberType(name, key),
      (target) => {
        const value: unknown = matching(target)?.[name];
        return typeof value === 'number' ? value : undefined;
      },
      (target, value) => {
        const config = matching(target);
        return config && write(target, { ...config, [name]: value });
      },
    );
}

const scalerMember = member<LaneConfig, ScalerConfig, 'dynamic'>(
  'dynamic',
  ({ scaler }) => scaler,
  (draft, scaler) => ({ ...draft, scaler }),
);

/** A part of where a lane stores things. What it does not say about them is as without it, in FP32. */
const storesField = <Name extends keyof Stores>(
  key: string,
  type: TextType<Pick<Stores, Name>>,
): Field<LaneConfig> => ({
  key,
  write: ({ stores }) => stores && type.write(stores),
  read: (draft, text) => ({ ...draft, stores: { ...FP32_STORES, ...draft.stores, ...type.read(text) } }),
});
/** Layers and sites with their formats, in alphabetical order. */
const siteFormatsType: TextType<LaneConfig['siteFormats']> = {
  write: (formats) =>
    Object.entries(formats)
      .map(([place, format]) => `${place}*${format}`)
      .sort()
      .join('/'),
  read: (text) => {
    const pairs = text === '' ? [] : text.split('/').map((pair) => pair.split('*'));
    const bad = pairs.find(
      (pair, i) => pair.length !== 2 || pairs.some(([place], j) => place === pair[0] && j < i),
    );
    if (bad) throw new TextError(message('not-a-site-format', { text: shown(bad.join('*')) }));
    return check(siteFormatsSchema, Object.fromEntries(pairs as [string, string][]));
  },
};

/**
 * A lane is its format followed by `:` and fields of one letter and a value: `fp16:d2p40:n20`. The first field has
 * no letter. d and s are the scaler: dynamic from, or static at, this scale; g is any other, by its kind; m, k and u are the mode of rounding, its
 * random bits, and what becomes of subnormal numbers; a is the
 * accumulation, t the framework whose autocast it is, and o are formats by hand: `ofc1*bf16/head.output*fp32`; w, e, y
 * and z are where weights, unscaled gradients and the optimizer's memory are stored, and how the update is
 * (stores-text.ts).
 */
const LANE_FIELDS: readonly Field<LaneConfig>[] = [
  field(
    '',
    checkedText(formatName('format')),
    ({ format }) => format,
    (draft, format) => ({ ...draft, format, gradientFormat: format }),
  ),
  field(
    'b',
    checkedText(formatName('gradientFormat')),
    ({ gradientFormat }) => gradientFormat,
    (draft, gradientFormat) => ({ ...draft, gradientFormat }),
  ),
  field(
    'm',
    checkedText(roundingSchema),
    ({ rounding }) => rounding,
    (draft, rounding) => ({ ...draft, rounding }),
  ),
  field(
    'k',
    numberType('randomBits', 'k'),
    ({ rounding, randomBits }) => (rounding === 'stochastic' ? randomBits : undefined),
    (draft, randomBits) => (draft.rounding === 'stochastic' ? { ...draft, randomBits } : null),
  ),
  field(
    'u',
    checkedText(subnormalsSchema),
    ({ subnormals }) => subnormals,
    (draft, subnormals) => ({ ...draft, subnormals }),
  ),
  field(
    'a',
    dotted(checkedText(accumulationSchema)),
    ({ accumulation }) => accumulation,
    (draft, accumulation) => ({ ...draft, accumulation }),
  ),
  storesField('w', weightsType),
  storesField('e', gradientsType),
  storesField('y', memoryType),
  storesField('z', updateType),
  field(
    't',
    checkedText(autocastSchema),
    ({ autocast }) => autocast,
    (draft, autocast) => ({ ...draft, autocast }),
  ),
  field(
    'o',
    siteFormatsType,
    ({ siteFormats }) => siteFormats,
    (draft, siteFormats) => ({ ...draft, siteFormats }),
  ),
  field(
    'd',
    orDefault<number>(numberType('initialScale', 'd'), DEFAULT_DYNAMIC.initialScale),
    ({ scaler }) => (scaler.kind === 'dynamic' ? scaler.initialScale : undefined),
    (draft, initialScale) => ({ ...draft, scaler: { ...DEFAULT_DYNAMIC, initialScale } }),
  ),
  scalerMember('x', 'growthFactor'),
  scalerMember('f', 'backoffFactor'),
  scalerMember('n', 'growthInterval'),
  field(
    's',
    orDefault<number>(numberType('scale', 's'), startingScale(defaultScaler('static'))),
    ({ scaler }) => (scaler.kind === 'static' ? scaler.scale : undefined),
    (draft, scale) => (draft.scaler.kind === 'none' ? { ...draft, scaler: { kind: 'static', scale } } : null),
  ),
  field(
    'g',
    scalerType,
    ({ scaler }) => (HAVE_LETTERS.has(scaler.kind) ? undefined : scaler),
    (draft, scaler) => (draft.scaler.kind === 'none' ? { ...draft, scaler } : null),
  ),
  field(
    'l',
    numberType('learningRate', 'l'),
    ({ learningRate }) => learningRate ?? undefined,
    (draft, learningRate) => ({ ...draft, learningRate }),
  ),
  field(
    'r',
    numberType('seed', 'r'),
    ({ seed }) => seed ?? undefined,
    (draft, seed) => ({ ...draft, seed }),
  ),
  field(
    '~',
    freeText(nameSchema),
    ({ name }) => name,
    (draft, name) => ({ ...draft, name }),
  ),
];

const EMPTY_LANE = lane('');

const laneType: TextType<LaneConfig> = {
  write: (target) =>
    writeFields(LANE_FIELDS, target, EMPTY_LANE)
      .map(({ key, text }) => key + text)
      .join(':'),
  read: (text) => {
    const [format, ...others] = text.split(':');
    const texts = new Map([['', format]]);
    for (const token of others) {
      const key = token.slice(0, 1);
      if (!LANE_FIELDS.some((known) => known.key === key && key !== '')) {
        throw new TextError(message('no-lane-field', { field: shown(token) }));
      }
      if (texts.has(key)) throw new TextError(message('lane-field-twice', { field: shown(key) }));
      texts.set(key, token.slice(1));
    }
    const config = LANE_FIELDS.reduce((draft, known) => {
      const given = texts.get(known.key);
      return given === undefined ? draft : readField(known, draft, given);
    }, EMPTY_LANE);
    const problem = laneProblem(config);
    if (problem) throw new TextError(message('about', { name: laneTitle(config), problem }));
    return config;
  },
};

const list = <Value>(type: TextType<Value>, most: number, what: Message): TextType<readonly Value[]> => ({
  write: (values) => values.map((value) => type.write(value)).join(','),
  read: (text) => {
    const parts = text === '' ? [] : text.split(',');
    if (parts.length > most) throw new TextError(message('too-many', { most, what, given: parts.length }));
    return parts.map((part) => type.read(part));
  },
});

/** What an intervention calls its number: a number of a scaler is called by its letter. */
const LIVE_TAGS: ReadonlyMap<LiveKey, string> = new Map<LiveKey, string>([
  ['scale', 's'],
  ['learningRate', 'lr'],
  ['lossWeightExponent', 'lam'],
  ['lossWeight', 'w'],
  ...[...SCALER_PARAMETERS.values()].flatMap(({ name, key, live }): [LiveKey, string][] =>
    live ? [[name, key]] : [],
  ),
]);
const liveTypes = new Map([...LIVE_TAGS].map(([key, tag]) => [tag, { key, type: numberType(key, tag) }]));
const stepType = numberType('step', 'the step');

/** `120:1:s:2p18` is "before step 120 of lane 1, scale := 2^18"; the lane may be `all`. */
const interventionType: TextType<Intervention> = {
  write: ({ step, lane: target, key, value }) =>
    [stepType.write(step), String(target), LIVE_TAGS.get(key), writeNumber(value)].join(':'),
  read: (text) => {
    const [step, target, tag, value, ...rest] = text.split(':');
    const live = liveTypes.get(tag);
    if (!live || value === undefined || rest.length > 0 || !/^(all|\d{1,2})$/.test(target)) {
      throw new TextError(message('not-an-intervention', { text: shown(text) }));
    }
    const laneIndex = target === 'all' ? 'all' : Number(target);
    return { step: stepType.read(step), lane: laneIndex, key: live.key, value: live.type.read(value) };
  },
};

const withOptimizer = (draft: Experiment, optimizer: OptimizerConfig): Experiment => ({
  ...draft,
  optimizer,
});
const optimizerOf = ({ optimizer }: Experiment): OptimizerConfig => optimizer;
const sgdMember = member<Experiment, OptimizerConfig, 'sgd'>('sgd', optimizerOf, withOptimizer);
const adamMember = member<Experiment, OptimizerConfig, 'adam'>('adam', optimizerOf, withOptimizer);
const optimizerKind = v.picklist(['sgd', 'adam'], issue(message('sgd-or-adam', {})));

/** The keys of a link in the order in which they are written; `v` comes before them all. */
export const EXPERIMENT_FIELDS: readonly Field<Experiment>[] = [
  field(
    'task',
    checkedText(taskSchema),
    ({ task }) => task,
    (_, task) => defaultExperiment(task),
  ),
  field(
    'b',
    numberType('batch', 'b'),
    ({ batch }) => batch,
    (draft, batch) => ({ ...draft, batch }),
  ),
  field(
    'seed',
    numberType('seed', 'seed'),
    ({ seed }) => seed,
    (draft, seed) => ({ ...draft, seed }),
  ),
  field(
    'opt',
    checkedText(optimizerKind),
    ({ optimizer }) => optimizer.kind,
    (draft, kind) => withOptimizer(draft, defaultOptimizer(draft.task, kind)),
  ),
  field(
    'lr',
    numberType('learningRate', 'lr'),
    ({ optimizer }) => optimizer.learningRate,
    (draft, learningRate) => withOptimizer(draft, { ...draft.optimizer, learningRate }),
  ),
  sgdMember('mom', 'momentum'),
  adamMember('b1', 'beta1'),
  adamMember('b2', 'beta2'),
  adamMember('eps', 'epsilon'),
  field(
    'lam',
    numberType('lossWeightExponent', 'lam'),
    ({ lossWeightExponent }) => lossWeightExponent,
    (draft, lossWeightExponent) => ({ ...draft, lossWeightExponent }),
  ),
  field(
    'lanes',
    list(laneType, MAX_LANES, message('some-lanes', {})),
    ({ lanes }) => lanes,
    (draft, lanes) => {
      if (lanes.length === 0) throw new TextError(message('no-lanes', {}));
      return { ...draft, lanes };
    },
  ),
  field(
    'i',
    list(interventionType, MAX_INTERVENTIONS, message('some-interventions', {})),
    ({ interventions }) => interventions,
    (draft, interventions) => {
      for (const intervention of interventions) {
        const problem = interventionProblem(draft.lanes, intervention);
        if (problem) throw new TextError(problem);
      }
      return { ...draft, interventions: sortInterventions(interventions) };
    },
  ),
];

/** The fields of `target` that do not follow from those before them and from `defaults`. */
export function writeFields<Target>(
  fields: readonly Field<Target>[],
  target: Target,
  defaults: Target,
): readonly { key: string; text: string }[] {
  const written: { key: string; text: string }[] = [];
  let draft = defaults;
  for (const each of fields) {
    const text = each.write(target);
    if (text === null || text === each.write(draft)) continue;
    written.push({ key: each.key, text });
    draft = each.read(draft, text);
  }
  return written;
}
