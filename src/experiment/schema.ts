/**
 * Checks that something is an experiment. What is wrong is a message for people about the key it names.
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
import { laneTitle } from './lane-name';
import { message, MessageError, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    /** `what` is a message such as a bound. */
    'must-be': { name: string; what: Message; given: string };
    'one-of': { options: readonly string[] };
    'a-format-name': Record<never, never>;
    'an-accumulation-name': Record<never, never>;
    'a-text': Record<never, never>;
    'a-lane-number': Record<never, never>;
    'no-such-key': { what: string; key: string };
    'lacks-key': { what: string; key: string };
    'not-an-object': { what: string; received: string };
    'not-an-experiment': { given: string };
    'not-a-list': { key: string };
    'name-characters': { most: number };
    'kind-of-optimizer': Record<never, never>;
    'kind-of-scaler': { kinds: readonly string[] };
    'scaler-refuses': { scaler: string; code: string };
    'random-bits-without-chance': { rounding: string };
    'fp32-tensor-core': Record<never, never>;
    'true-or-false': Record<never, never>;
    'nothing-to-round': Record<never, never>;
    'not-a-place': { text: string };
    'not-site-formats': { received: string };
    'too-many-site-formats': { most: number };
    'no-lane-with': { key: string };
    'no-lane': { lane: number; last: number };
    'lane-without-scaler': { key: string; lane: number; name: Message };
    'lane-without-number': { key: string; lane: number; name: Message };
    'no-lanes': Record<never, never>;
    'too-many-lanes': { most: number };
    'too-many-interventions': { most: number };
  }
}

/** A value as it may stand in a message: short, and a string in quotes. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') return shown(value);
  return typeof value === 'number' ? String(value) : shortened(JSON.stringify(value) ?? String(value));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Valibot carries texts; a message travels through it as one. */
export const issue = (said: Message): string => JSON.stringify(said);

/** What an issue of a schema says. */
export function saidBy(issueMessage: string): Message {
  try {
    return JSON.parse(issueMessage) as Message;
  } catch {
    // A check without a message of ours has Valibot's words.
    return message('words', { text: issueMessage });
  }
}

const about = (name: string, problem: Message): Message => message('about', { name, problem });

type Received = { readonly input: unknown };

const mustBe =
  (name: string, what: Message) =>
  ({ input }: Received): string =>
    issue(message('must-be', { name, what, given: shownValue(input) }));

export function boundedNumber(key: BoundedKey, name: string = key) {
  const refusal = mustBe(name, describeBound(BOUNDS[key]));
  return v.pipe(
    v.number(refusal),
    v.check((value) => withinBound(BOUNDS[key], value), refusal),
  );
}

function oneOf<const Options extends readonly string[]>(key: string, options: Options) {
  return v.picklist(options, mustBe(key, message('one-of', { options })));
}

function object<const Entries extends v.ObjectEntries>(what: string, entries: Entries) {
  return v.strictObject(entries, ({ expected, received, path }) => {
    const key = path ? String(path.at(-1)?.key) : '';
    if (expected === 'never') return issue(message('no-such-key', { what, key: shown(key) }));
    return issue(
      Object.hasOwn(entries, key)
        ? message('lacks-key', { what, key })
        : message('not-an-object', { what, received }),
    );
  });
}

/** What an action that throws messages for people says, or null. */
function problemOf(action: () => unknown): Message | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof MessageError) return error.said;
    throw error;
  }
}

/** The canonical name of a number format (`e5m10` is `fp16`). */
export function formatName(key: string) {
  return v.pipe(
    v.string(mustBe(key, message('a-format-name', {}))),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const problem = problemOf(() => parseFormat(dataset.value));
      if (problem) addIssue({ message: issue(about(key, problem)) });
    }),
    v.transform((name) => parseFormat(name).name),
  );
}

export const roundingSchema = oneOf('rounding', ROUNDING_MODES);
export const subnormalsSchema = oneOf('subnormals', ['keep', 'flush']);

/** The canonical name of an accumulation. */
export const accumulationSchema = v.pipe(
  v.string(mustBe('accumulation', message('an-accumulation-name', {}))),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const problem = problemOf(() => parseAccumulation(dataset.value));
    if (problem) addIssue({ message: issue(about('accumulation', problem)) });
  }),
  v.transform((text) => accumulationName(parseAccumulation(text))),
);

const storesSchema = object('stores', {
  weights: formatName('weights'),
  masters: v.boolean(mustBe('masters', message('true-or-false', {}))),
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
        ({ input }) => issue(message('not-a-place', { text: shownValue(input) })),
      ),
    ),
    formatName('siteFormats'),
    ({ received }) => issue(message('not-site-formats', { received })),
  ),
  v.check(
    (formats) => Object.keys(formats).length <= MAX_SITE_FORMATS,
    issue(message('too-many-site-formats', { most: MAX_SITE_FORMATS })),
  ),
);

/** Lone surrogates could not be written into a link, control characters would break a table. */
export const nameSchema = v.pipe(
  v.string(mustBe('name', message('a-text', {}))),
  v.check(
    (name) => name.length <= MAX_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name),
    issue(message('name-characters', { most: MAX_NAME_LENGTH })),
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
  issue(message('kind-of-optimizer', {})),
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
    issue(message('kind-of-scaler', { kinds: SCALER_KINDS })),
  ),
  v.lazy((input) => scalerSchemas.get(kindOf(input) ?? 'none') ?? v.never()),
  // The entries are those that the type is made of.
  v.transform((config) => config as ScalerConfig),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? scalerProblem(dataset.value) : null;
    if (problem) addIssue({ message: issue(problem) });
  }),
);

/** What the framework's own constructor has against these numbers, or null. */
export function scalerProblem(config: ScalerConfig): Message | null {
  const code = refusal(config);
  return code === null ? null : message('scaler-refuses', { scaler: scalerOf(config.kind).name, code });
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
    if (problem) addIssue({ message: issue(problem) });
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
      mustBe('lane', message('a-lane-number', {})),
    ),
    key: oneOf('key', LIVE_KEYS),
    value: v.number(mustBe('value', message('any-number', {}))),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { key, value } = dataset.value;
    if (!withinBound(BOUNDS[key], value)) {
      addIssue({ message: mustBe(key, describeBound(BOUNDS[key]))({ input: value }) });
    }
  }),
);

/** Why the choices of a lane make no sense together, or null. */
export function laneProblem(config: LaneConfig): Message | null {
  const { rounding, randomBits } = config;
  if (rounding !== 'stochastic' && randomBits !== DEFAULT_RANDOM_BITS) {
    return message('random-bits-without-chance', { rounding });
  }
  if (config.stores?.update === 'stochastic' && config.stores.weights === 'fp32') {
    return message('nothing-to-round', {});
  }
  return accumulationProblem(config);
}

/** Whether the products of the forward and the backward pass can be added up in this way. */
function accumulationProblem({ format, gradientFormat, accumulation }: LaneConfig): Message | null {
  const [forward, backward] = [format, gradientFormat].map(parseFormat);
  const parsed = parseAccumulation(accumulation);
  if (parsed.kind === 'tensor-core' && format === 'fp32') {
    return message('fp32-tensor-core', {});
  }
  return problemOf(() => {
    accumulationWords(parsed, forward, forward, forward);
    accumulationWords(parsed, backward, forward, backward);
  });
}

/**
 * Why an intervention makes no sense on these lanes, or null. `all` means every lane that has the number,
 * so it is only refused when there is none.
 */
export function interventionProblem(
  lanes: readonly LaneConfig[],
  intervention: Pick<Intervention, 'lane' | 'key'>,
): Message | null {
  const { lane, key } = intervention;
  if (lane === 'all') {
    return lanes.some((each) => hasNumber(each, key)) ? null : message('no-lane-with', { key });
  }
  if (lane >= lanes.length) return message('no-lane', { lane, last: lanes.length - 1 });
  if (hasNumber(lanes[lane], key)) return null;
  if (key === 'scale') return message('lane-without-scaler', { key, lane, name: laneTitle(lanes[lane]) });
  return message('lane-without-number', { key, lane, name: laneTitle(lanes[lane]) });
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
      v.array(laneSchema, issue(message('not-a-list', { key: 'lanes' }))),
      v.minLength(1, issue(about('lanes', message('no-lanes', {})))),
      v.maxLength(MAX_LANES, issue(about('lanes', message('too-many-lanes', { most: MAX_LANES })))),
    ),
    interventions: v.pipe(
      v.array(interventionSchema, issue(message('not-a-list', { key: 'interventions' }))),
      v.maxLength(
        MAX_INTERVENTIONS,
        issue(about('interventions', message('too-many-interventions', { most: MAX_INTERVENTIONS }))),
      ),
      v.transform((interventions) => sortInterventions(interventions)),
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { lanes, interventions } = dataset.value;
    interventions.forEach((intervention, i) => {
      const problem = interventionProblem(lanes, intervention);
      if (problem) addIssue({ message: issue(about(`interventions.${i}`, problem)) });
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

export class ExperimentError extends MessageError {
  override readonly name = 'ExperimentError';
}

/** @throws ExperimentError about the first thing that is wrong */
export function parseExperiment(input: unknown): Experiment {
  if (!isRecord(input)) throw new ExperimentError(message('not-an-experiment', { given: shownValue(input) }));
  const result = v.safeParse(wholeSchema, withDefaults(input));
  if (result.success) return result.output;
  const [first] = result.issues;
  const path = first.path?.slice(0, -1).map(({ key }) => String(key)) ?? [];
  const said = saidBy(first.message);
  throw new ExperimentError(path.length > 0 ? about(path.join('.'), said) : said);
}
