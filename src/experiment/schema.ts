/**
 * Checks that something is an experiment. Messages are sentences for people and start with the key they are about.
 * A JSON file may leave out whatever has a default; a key that does not exist is an error.
 */
import * as v from 'valibot';
import { withinBound } from '../numerics/bound';
import { accumulationName, parseAccumulation } from '../numerics/accumulation';
import { accumulationWords } from '../numerics/accumulation-procedures';
import { DEFAULT_RANDOM_BITS, parseFormat, ROUNDING_MODES } from '../numerics/formats';
import { shortened, shown } from '../numerics/shown';
import { FP32_STORES, OPTIMIZER_KERNELS, WEIGHT_UPDATES } from '../precision/stores';
import { AUTOCASTS } from '../precision';
import {
  BOUNDS,
  describeBound,
  MAX_INTERVENTIONS,
  MAX_LANES,
  MAX_NAME_LENGTH,
  MAX_SITE_FORMATS,
  type BoundedKey,
} from './bounds';
import { parametersOf, refusal, SCALER_KINDS, scalerOf } from '../training/scalers';
import {
  DEFAULT_LANES,
  DEFAULT_SEED,
  DEFAULT_TASK,
  defaultBatch,
  defaultOptimizer,
  defaultScaler,
  lane as defaultLane,
} from './defaults';
import {
  LIVE_KEYS,
  TASK_IDS,
  type Experiment,
  type Intervention,
  type LaneConfig,
  type ScalerConfig,
} from './experiment';
import { laneName } from './lane-name';

/** A value as it may stand in a message: short, and a string in quotes. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') return shown(value);
  return typeof value === 'number' ? String(value) : shortened(JSON.stringify(value) ?? String(value));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Received = { readonly input: unknown };

export function boundedNumber(key: BoundedKey, name: string = key) {
  const message = ({ input }: Received): string =>
    `${name} must be ${describeBound(BOUNDS[key])}, not ${shownValue(input)}`;
  return v.pipe(
    v.number(message),
    v.check((value) => withinBound(BOUNDS[key], value), message),
  );
}

function oneOf<const Options extends readonly string[]>(key: string, options: Options) {
  return v.picklist(
    options,
    ({ input }) => `${key} must be one of ${options.join(', ')}, not ${shownValue(input)}`,
  );
}

function object<const Entries extends v.ObjectEntries>(what: string, entries: Entries) {
  return v.strictObject(entries, ({ expected, received, path }) => {
    const key = path ? String(path.at(-1)?.key) : '';
    if (expected === 'never') return `${what} has no key called ${shown(key)}`;
    return Object.hasOwn(entries, key)
      ? `${what} lacks the key ${key}`
      : `${what} must be an object, not ${received}`;
  });
}

/** What an action that throws sentences for people says, or null. */
function problemOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The canonical name of a number format (`e5m10` is `fp16`). */
export function formatName(key: string) {
  return v.pipe(
    v.string(({ input }) => `${key} must be the name of a number format, not ${shownValue(input)}`),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const problem = problemOf(() => parseFormat(dataset.value));
      if (problem) addIssue({ message: `${key}: ${problem}` });
    }),
    v.transform((name) => parseFormat(name).name),
  );
}

export const roundingSchema = oneOf('rounding', ROUNDING_MODES);
export const subnormalsSchema = oneOf('subnormals', ['keep', 'flush']);

/** The canonical name of an accumulation. */
export const accumulationSchema = v.pipe(
  v.string(({ input }) => `accumulation must be the name of one, such as fp32, not ${shownValue(input)}`),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const problem = problemOf(() => parseAccumulation(dataset.value));
    if (problem) addIssue({ message: `accumulation: ${problem}` });
  }),
  v.transform((text) => accumulationName(parseAccumulation(text))),
);

export const storesSchema = object('stores', {
  weights: formatName('weights'),
  masters: v.boolean(({ input }) => `masters must be true or false, not ${shownValue(input)}`),
  gradients: formatName('gradients'),
  moments: formatName('moments'),
  constants: formatName('constants'),
  updates: formatName('updates'),
  kernel: oneOf('kernel', OPTIMIZER_KERNELS),
  update: oneOf('update', WEIGHT_UPDATES),
});
export const autocastSchema = oneOf(
  'autocast',
  AUTOCASTS.map(({ id }) => id),
);

/** The name of a layer or a site, as networks have them. */
const PLACE = /^[a-z0-9][a-z0-9_.-]*$/i;

/** Formats by hand, by layer or site. Whether the network has such a place is not asked: it may get one. */
export const siteFormatsSchema = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.check(
        (place) => place.length <= MAX_NAME_LENGTH && PLACE.test(place),
        ({ input }) => `siteFormats: ${shownValue(input)} cannot be the name of a layer or a site`,
      ),
    ),
    formatName('siteFormats'),
    ({ received }) => `siteFormats must be an object of formats by layer or site, not ${received}`,
  ),
  v.check(
    (formats) => Object.keys(formats).length <= MAX_SITE_FORMATS,
    `siteFormats: at most ${MAX_SITE_FORMATS} formats by hand are possible`,
  ),
);

/** Lone surrogates could not be written into a link, control characters would break a table. */
export const nameSchema = v.pipe(
  v.string(({ input }) => `name must be a text, not ${shownValue(input)}`),
  v.check(
    (name) => name.length <= MAX_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name),
    `name must be at most ${MAX_NAME_LENGTH} characters without line breaks or control characters`,
  ),
);

export const taskSchema = oneOf('task', TASK_IDS);

const optimizerSchema = v.variant(
  'kind',
  [
    object('optimizer', {
      kind: v.literal('sgd'),
      learningRate: boundedNumber('learningRate'),
      momentum: boundedNumber('momentum'),
    }),
    object('optimizer', {
      kind: v.literal('adam'),
      learningRate: boundedNumber('learningRate'),
      beta1: boundedNumber('beta1'),
      beta2: boundedNumber('beta2'),
      epsilon: boundedNumber('epsilon'),
    }),
  ],
  'optimizer must be an object whose kind is sgd or adam',
);

const scalerSchemas = new Map(
  SCALER_KINDS.map((kind) => [
    kind,
    object('scaler', {
      kind: v.literal(kind),
      ...Object.fromEntries(parametersOf(kind).map(({ name }) => [name, boundedNumber(name)])),
    }),
  ]),
);
const kindOf = (input: unknown): ScalerConfig['kind'] | undefined =>
  SCALER_KINDS.find((kind) => isRecord(input) && input.kind === kind);

const scalerSchema = v.pipe(
  v.custom<object>(
    (input) => kindOf(input) !== undefined,
    `scaler must be an object whose kind is one of ${SCALER_KINDS.join(', ')}`,
  ),
  v.lazy((input) => scalerSchemas.get(kindOf(input) ?? 'none') ?? v.never()),
  // The entries are those that the type is made of.
  v.transform((config) => config as ScalerConfig),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? scalerProblem(dataset.value) : null;
    if (problem) addIssue({ message: problem });
  }),
);

/** What the framework's own constructor has against these numbers, or null. */
export function scalerProblem(config: ScalerConfig): string | null {
  const code = refusal(config);
  return code === null ? null : `${scalerOf(config.kind).name} refuses these numbers (${code})`;
}

const laneSchema = v.pipe(
  object('lane', {
    name: nameSchema,
    format: formatName('format'),
    gradientFormat: formatName('gradientFormat'),
    rounding: roundingSchema,
    randomBits: boundedNumber('randomBits'),
    subnormals: subnormalsSchema,
    autocast: autocastSchema,
    siteFormats: siteFormatsSchema,
    accumulation: accumulationSchema,
    stores: v.nullable(storesSchema),
    scaler: scalerSchema,
    learningRate: v.nullable(boundedNumber('learningRate')),
    seed: v.nullable(boundedNumber('seed')),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? laneProblem(dataset.value) : null;
    if (problem) addIssue({ message: problem });
  }),
);

const interventionSchema = v.pipe(
  object('intervention', {
    step: boundedNumber('step'),
    lane: v.union(
      [
        v.literal('all'),
        v.pipe(
          v.number(),
          v.check((lane) => withinBound({ min: 0, max: MAX_LANES - 1, integer: true }, lane)),
        ),
      ],
      ({ input }) => `lane must be "all" or the number of a lane, counted from 0, not ${shownValue(input)}`,
    ),
    key: oneOf('key', LIVE_KEYS),
    value: v.number(({ input }) => `value must be a number, not ${shownValue(input)}`),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { key, value } = dataset.value;
    if (!withinBound(BOUNDS[key], value)) {
      addIssue({ message: `${key} must be ${describeBound(BOUNDS[key])}, not ${shownValue(value)}` });
    }
  }),
);

/** Why the choices of a lane make no sense together, in words, or null. */
export function laneProblem(config: LaneConfig): string | null {
  const { rounding, randomBits } = config;
  if (rounding !== 'stochastic' && randomBits !== DEFAULT_RANDOM_BITS) {
    return `randomBits has a meaning with stochastic rounding only, not with ${rounding}`;
  }
  if (config.stores?.update === 'stochastic' && config.stores.weights === 'fp32') {
    return 'the update is added in FP32: there is nothing to round stochastically in weights that are stored in FP32';
  }
  return accumulationProblem(config);
}

/** Whether the products of the forward and the backward pass can be added up in this way. */
function accumulationProblem({ format, gradientFormat, accumulation }: LaneConfig): string | null {
  const [forward, backward] = [format, gradientFormat].map(parseFormat);
  const parsed = parseAccumulation(accumulation);
  if (parsed.kind === 'tensor-core' && format === 'fp32') {
    return 'FP32 matrices are not multiplied by tensor cores; choose TF32, or another accumulation';
  }
  return problemOf(() => {
    accumulationWords(parsed, forward, forward, forward);
    accumulationWords(parsed, backward, forward, backward);
  });
}

/**
 * Why an intervention makes no sense on these lanes, in words, or null. `all` means every lane that has the number,
 * so it is only refused when there is none.
 */
export function interventionProblem(
  lanes: readonly LaneConfig[],
  intervention: Pick<Intervention, 'lane' | 'key'>,
): string | null {
  const { lane, key } = intervention;
  if (lane === 'all') {
    return lanes.some((each) => hasNumber(each, key))
      ? null
      : `no lane has a loss scaler whose ${key} could change`;
  }
  if (lane >= lanes.length) return `there is no lane ${lane}; the last one is ${lanes.length - 1}`;
  if (hasNumber(lanes[lane], key)) return null;
  const wanted = key === 'scale' ? 'a loss scaler' : `a loss scaler with a ${key}`;
  return `${key} cannot change in lane ${lane} (${laneName(lanes[lane])}): it does not have ${wanted}`;
}

/** Whether a lane has this live number at all. */
export const hasNumber = ({ scaler }: LaneConfig, key: Intervention['key']): boolean =>
  key === 'scale'
    ? scaler.kind !== 'none'
    : key === 'learningRate' ||
      key === 'lossWeight' ||
      key === 'lossWeightExponent' ||
      parametersOf(scaler.kind).some(({ name }) => name === key);

/** In the order in which they take effect; the order within a step is kept. */
export const sortInterventions = (interventions: readonly Intervention[]): readonly Intervention[] =>
  interventions.toSorted((a, b) => a.step - b.step);

const wholeSchema = v.pipe(
  object('experiment', {
    task: taskSchema,
    batch: boundedNumber('batch'),
    seed: boundedNumber('seed'),
    optimizer: optimizerSchema,
    lossWeightExponent: boundedNumber('lossWeightExponent'),
    lanes: v.pipe(
      v.array(laneSchema, 'lanes must be a list'),
      v.minLength(1, 'lanes: at least one lane is needed'),
      v.maxLength(MAX_LANES, `lanes: at most ${MAX_LANES} lanes are possible`),
    ),
    interventions: v.pipe(
      v.array(interventionSchema, 'interventions must be a list'),
      v.maxLength(MAX_INTERVENTIONS, `interventions: at most ${MAX_INTERVENTIONS} are possible`),
      v.transform((interventions) => sortInterventions(interventions)),
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { lanes, interventions } = dataset.value;
    interventions.forEach((intervention, i) => {
      const problem = interventionProblem(lanes, intervention);
      if (problem) addIssue({ message: `interventions.${i}: ${problem}` });
    });
  }),
);

/** Switches are 0 or 1; a person may write false or true. */
const switches = (kind: ScalerConfig['kind'], given: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(
    parametersOf(kind)
      .filter(({ name, as }) => as === 'switch' && typeof given[name] === 'boolean')
      .map(({ name }) => [name, given[name] === true ? 1 : 0]),
  );

function withScalerDefaults(scaler: unknown): unknown {
  if (!isRecord(scaler)) return scaler;
  const kind = kindOf(scaler);
  if (kind === undefined) return scaler;
  return { ...defaultScaler(kind), ...scaler, ...switches(kind, scaler) };
}

function withLaneDefaults(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const gradientFormat = config.gradientFormat ?? config.format;
  const scaler = withScalerDefaults(config.scaler ?? { kind: 'none' });
  const stores = isRecord(config.stores) ? { ...FP32_STORES, ...config.stores } : (config.stores ?? null);
  return { ...defaultLane(''), format: undefined, ...config, gradientFormat, scaler, stores };
}

/** Fills in what a person may leave out. Anything it does not understand is left for the schema to refuse. */
function withDefaults(input: Record<string, unknown>): unknown {
  const named = v.safeParse(taskSchema, input.task ?? DEFAULT_TASK);
  const task = named.success ? named.output : DEFAULT_TASK;
  const optimizer = isRecord(input.optimizer) ? input.optimizer : {};
  const kind = optimizer.kind === 'sgd' || optimizer.kind === 'adam' ? optimizer.kind : undefined;
  return {
    task,
    batch: defaultBatch(task),
    seed: DEFAULT_SEED,
    lossWeightExponent: 0,
    interventions: [],
    ...input,
    optimizer:
      input.optimizer !== undefined && !isRecord(input.optimizer)
        ? input.optimizer
        : { ...defaultOptimizer(task, kind), ...optimizer },
    lanes: Array.isArray(input.lanes) ? input.lanes.map(withLaneDefaults) : (input.lanes ?? DEFAULT_LANES),
  };
}

export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

/** @throws ExperimentError with one sentence about the first thing that is wrong */
export function parseExperiment(input: unknown): Experiment {
  if (!isRecord(input))
    throw new ExperimentError(`an experiment must be an object, not ${shownValue(input)}`);
  const result = v.safeParse(wholeSchema, withDefaults(input));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = issue.path?.slice(0, -1).map(({ key }) => String(key)) ?? [];
  throw new ExperimentError(path.length > 0 ? `${path.join('.')}: ${issue.message}` : issue.message);
}
