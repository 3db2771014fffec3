/** The cases of PyTorch's GradScaler in src/training/testdata/scalers.json, as transitions of its state. */
import * as v from 'valibot';
import { initialState, type LaneSettings } from '../graph/lanes';
import type { ScaleState } from '../training/scalers/scaler';
import file from '../training/testdata/scalers.json';
import { DEFAULT_SETTINGS } from './kernels';

/** JSON has no infinities. */
const number = v.union([
  v.number(),
  v.pipe(
    v.picklist(['Infinity', 'NaN']),
    v.transform((text) => Number(text)),
  ),
]);

const event = v.variant('op', [
  v.object({ at: v.number(), op: v.literal('setGrowthInterval'), value: v.number() }),
  v.object({ at: v.number(), op: v.literal('setGrowthFactor'), value: v.number() }),
  v.object({ at: v.number(), op: v.literal('setBackoffFactor'), value: v.number() }),
  v.object({ at: v.number(), op: v.literal('updateNewScale'), value: v.number() }),
  v.object({
    at: v.number(),
    op: v.literal('loadStateDict'),
    value: v.object({
      scale: v.number(),
      growth_factor: v.number(),
      backoff_factor: v.number(),
      growth_interval: v.number(),
      _growth_tracker: v.number(),
    }),
  }),
]);

const scalerCase = v.object({
  name: v.string(),
  kind: v.literal('pytorch'),
  config: v.object({
    enabled: v.optional(v.boolean()),
    initScale: v.optional(v.number()),
    growthFactor: v.optional(v.number()),
    backoffFactor: v.optional(v.number()),
    growthInterval: v.optional(v.number()),
  }),
  foundInf: v.array(v.boolean()),
  expectedScale: v.array(number),
  expectedTracker: v.array(v.number()),
  expectedStepApplied: v.optional(v.array(v.boolean())),
  events: v.optional(v.array(event), []),
  expectError: v.optional(v.object({ at: v.literal('constructor'), messageIncludes: v.string() })),
});

export type ScalerCase = v.InferOutput<typeof scalerCase>;

export const SCALER_CASES: readonly ScalerCase[] = file
  .filter(({ kind }) => kind === 'pytorch')
  .map((entry) => v.parse(scalerCase, entry));

/** One update of the scaler. */
export interface Transition {
  readonly name: string;
  readonly settings: LaneSettings;
  readonly before: ScaleState;
  readonly foundInf: boolean;
  readonly after: ScaleState;
  /** Whether the optimizer step was executed. With several optimizers: whether all of them were. */
  readonly applied: boolean;
}

/** Settings with the defaults of GradScaler. */
export function settingsOf({ config }: ScalerCase): LaneSettings {
  const { enabled = true, initScale = 65536, growthFactor, backoffFactor, growthInterval } = config;
  return {
    ...DEFAULT_SETTINGS,
    scaler: enabled ? 'dynamic' : 'none',
    initialScale: initScale,
    growthFactor: growthFactor ?? 2,
    backoffFactor: backoffFactor ?? 0.5,
    growthInterval: growthInterval ?? 2000,
  };
}

/** The updates of a case, each starting from where the one before is expected to end. */
export function transitions(entry: ScalerCase): readonly Transition[] {
  const list: Transition[] = [];
  let settings = settingsOf(entry);
  let before: ScaleState = { scale: initialState(settings).scale, growthTracker: 0 };
  entry.foundInf.forEach((foundInf, i) => {
    let replaced = false;
    for (const { op, value } of entry.events.filter(({ at }) => at === i)) {
      if (op === 'setGrowthInterval') settings = { ...settings, growthInterval: value };
      if (op === 'setGrowthFactor') settings = { ...settings, growthFactor: value };
      if (op === 'setBackoffFactor') settings = { ...settings, backoffFactor: value };
      if (op === 'updateNewScale') replaced = true;
      if (op === 'loadStateDict') {
        settings = {
          ...settings,
          growthFactor: value.growth_factor,
          backoffFactor: value.backoff_factor,
          growthInterval: value.growth_interval,
        };
        before = { scale: value.scale, growthTracker: value._growth_tracker };
      }
    }
    const after = { scale: Math.fround(entry.expectedScale[i]), growthTracker: entry.expectedTracker[i] };
    const applied = entry.expectedStepApplied?.[i] ?? !foundInf;
    // update(new_scale) sets the scale without asking the scaler; Runner.setScale does that.
    if (!replaced) list.push({ name: `${entry.name} ${i}`, settings, before, foundInf, after, applied });
    before = after;
  });
  return list;
}
