/** A lane's row: its settings and the state of a run in the words of LANE_LAYOUT, scaler included. */
import {
  LANE_ROW_WORDS,
  type LaneScaler,
  type LaneSettings,
  type LaneState,
  type StateValues,
} from '../graph/lanes';
import { LANE_LAYOUT, LANE_STATE_START, LOOKS_AT } from '../graph/layout/tables.ts';
import { flush } from '../numerics/f32';
import { raiseNumber, SCALER_LIST, scalerOf, usualParameters } from './scalers';
import { liveParameters, type LossScaler, type ScalerValues } from './scalers/scaler';
import { packWords, place, unpackWords } from './scalers/words';

/**
 * f32(1/f64(scale)): the reciprocal that frameworks multiply with (torch/amp/grad_scaler.py, unscale_). A scale may be
 * subnormal, being a number that is stored and not computed with; the reciprocal of one above 2^126 is flushed, as
 * every f32 result of the engine is.
 *
 * @param scale as the scaler holds it, in binary32 or binary64
 */
export const inverseScale = (scale: number): number => flush(Math.fround(1 / scale));

/** A scaler with its framework's numbers but for those that are given. */
export const laneScaler = (kind: string, parameters: ScalerValues = {}): LaneScaler => ({
  kind,
  parameters: { ...usualParameters(scalerOf(kind)), ...parameters },
});

/** What kernels read of a scale: no more than binary32. */
export const scaleWords = (scale: number): Pick<LaneState, 'scale' | 'inverseScale'> => ({
  scale: Math.fround(scale),
  inverseScale: inverseScale(scale),
});

const LOOKED_AT: Readonly<Record<LossScaler['looksAt'], number>> = {
  never: LOOKS_AT.casts,
  'scaled gradients': LOOKS_AT.casts,
  'unscaled gradients': LOOKS_AT.unscaled,
  'gradient norm': LOOKS_AT.norm,
  'gradient sum': LOOKS_AT.sum,
};

/** Whether an overflow has to be looked for in front of the optimizer (overflow-check.ts). */
export const needsOverflowCheck = (kind: string): boolean =>
  LOOKED_AT[scalerOf(kind).looksAt] !== LOOKS_AT.casts;

/** Packs the settings into the first LANE_STATE_START words of a row. */
export function packSettings({ scaler, ...numbers }: LaneSettings): Uint32Array<ArrayBuffer> {
  const description = scalerOf(scaler.kind);
  const row = new Uint32Array(LANE_STATE_START);
  LANE_LAYOUT.write(row, {
    ...numbers,
    singleTensor: Number(numbers.singleTensor),
    kahan: Number(numbers.kahan),
    scaler: SCALER_LIST.indexOf(description),
    skipsOverflow: description.onOverflow === 'skip' ? 1 : 0,
    looksAt: LOOKED_AT[description.looksAt],
    dividesByScale: description.unscale === 'division' ? 1 : 0,
    scalerParameters: packWords(liveParameters(description), scaler.parameters),
    oneMinusBeta1: 1 - numbers.beta1,
    oneMinusBeta2: 1 - numbers.beta2,
  });
  return row;
}

/** A run that has not begun. A scaler that refuses its numbers has raised before the first step. */
export function initialState(settings: LaneSettings): LaneState {
  const { kind, parameters } = settings.scaler;
  const description = scalerOf(kind);
  const scalerState = description.start(parameters);
  const refusal = description.refuses(parameters);
  return {
    settings,
    ...scaleWords(scalerState.scale),
    scalerState,
    raised: refusal === null ? 0 : raiseNumber(description, refusal),
    optimizerSteps: 0,
    skippedSteps: 0,
    momentFactor: 1,
  };
}

/** A whole row: settings, and the state of a run that has not begun. */
export function packLane(settings: LaneSettings): Uint32Array<ArrayBuffer> {
  const row = new Uint32Array(LANE_ROW_WORDS);
  row.set(packSettings(settings));
  packState(initialState(settings), row);
  return row;
}

/** One word that holds an f32. */
export const packFloat = (value: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([value]).buffer);

/** Writes a lane's state to its row. */
export function packState({ settings, scalerState, ...numbers }: LaneState, row: Uint32Array): void {
  const words = packWords(scalerOf(settings.scaler.kind).state, scalerState);
  LANE_LAYOUT.write(row, { ...numbers, scalerState: words });
}

/** The state in a lane's row. */
export function unpackState(row: Uint32Array, { scaler }: LaneSettings): StateValues {
  const { scale, inverseScale, raised, optimizerSteps, skippedSteps, momentFactor, scalerState } =
    LANE_LAYOUT.read(row);
  return {
    scale,
    inverseScale,
    scalerState: unpackWords(scalerOf(scaler.kind).state, Uint32Array.from(scalerState)),
    raised,
    optimizerSteps,
    skippedSteps,
    momentFactor,
  };
}

/** Values as a scaler's state holds them. */
function encoded({ scaler }: LaneSettings, values: ScalerValues): ScalerValues {
  const words = scalerOf(scaler.kind).state.filter(({ name }) => values[name] !== undefined);
  return unpackWords(words, Uint32Array.from(packWords(words, values)));
}

/** What changes in a lane's state when some of the numbers that its scaler remembers are set. */
export function withScalerState(
  { settings, scalerState: before }: LaneState,
  values: ScalerValues,
): Pick<LaneState, 'scale' | 'inverseScale' | 'scalerState'> {
  const scalerState = { ...before, ...encoded(settings, values) };
  return { ...scaleWords(scalerState.scale), scalerState };
}

/** Words to be written into a lane's row from a word on. */
export interface RowWords {
  readonly word: number;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** The same in a lane's row, of which the other words stay. */
export function scalerStateWords(settings: LaneSettings, values: ScalerValues): RowWords[] {
  const { state } = scalerOf(settings.scaler.kind);
  const found = state.flatMap((word, i): RowWords[] => {
    if (values[word.name] === undefined) return [];
    const words = Uint32Array.from(packWords([word], values));
    return [{ word: LANE_LAYOUT.at.scalerState + place(state, i), words }];
  });
  const { scale } = encoded(settings, values);
  if (scale === undefined) return found;
  const row = new Uint32Array(LANE_ROW_WORDS);
  LANE_LAYOUT.write(row, scaleWords(scale));
  const { scale: first, scalerState: end } = LANE_LAYOUT.at;
  return [...found, { word: first, words: row.slice(first, end) }];
}
