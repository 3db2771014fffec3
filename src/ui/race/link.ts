/** The race in the address bar: `race&n=500&o=rate&p=0.01&s=dynamic,megatron:i2p16`, a small table of fields. */
import { describeBound } from '../../experiment/bounds';
import { parseFields, serializeFields, type Notice } from '../../experiment/codec';
import type { Field } from '../../experiment/fields';
import { readNumber, TextError, writeNumber } from '../../experiment/text';
import { withinBound, type Bound } from '../../numerics/bound';
import { message } from '../../numerics/message';
import { shown } from '../../numerics/shown';
import {
  numbersOf,
  SCALER_KINDS,
  scalerOf,
  scalerSettings,
  type ScalerSettings,
} from '../../training/scalers';
import type { ScalerParameter } from '../../training/scalers/scaler';
import { DEFAULT_RACE, MOST_RACERS, MOST_SPIKES, RACE_BOUNDS, SOURCES, type RaceState } from './state';

declare module '../../numerics/message' {
  interface Messages {
    'not-a-gap': { text: string; most: number };
    'no-such-step': { step: number; steps: number };
    'not-of-scaler': { text: string; kind: string; keys: readonly string[] };
    'too-many-racers': { most: number };
  }
}

const WORD = 'race';

function readBounded(text: string, bound: Bound, what: string): number {
  const value = readNumber(text);
  if (typeof value !== 'number' || !withinBound(bound, value)) {
    const given = typeof value === 'number' ? String(value) : shown(text);
    throw new TextError(message('must-be', { name: what, what: describeBound(bound), given }));
  }
  return value;
}

const numberField = (key: string, name: keyof typeof RACE_BOUNDS): Field<RaceState> => ({
  key,
  write: (state) => writeNumber(state[name]),
  read: (draft, text) => ({ ...draft, [name]: readBounded(text, RACE_BOUNDS[name], key) }),
});

/** Gaps between spikes, base 36: 49, 99, 149 is `1d.1d*2`, where the first gap is counted from step -1. */
export function writeSpikes(spikes: readonly number[]): string {
  const runs: { gap: number; count: number }[] = [];
  let before = -1;
  for (const step of spikes) {
    const gap = step - before;
    const last = runs.at(-1);
    if (last?.gap === gap) last.count++;
    else runs.push({ gap, count: 1 });
    before = step;
  }
  return runs.map(({ gap, count }) => gap.toString(36) + (count > 1 ? `*${count}` : '')).join('.');
}

const RUN = /^([0-9a-z]{1,4})(?:\*(\d{1,4}))?$/;

/** @throws {TextError} for what `writeSpikes` does not write */
export function readSpikes(text: string): readonly number[] {
  const spikes: number[] = [];
  let step = -1;
  for (const part of text === '' ? [] : text.split('.')) {
    const run = RUN.exec(part);
    const gap = run ? Number.parseInt(run[1], 36) : 0;
    const count = Number(run?.[2] ?? 1);
    if (gap < 1 || count < 1 || spikes.length + count > MOST_SPIKES) {
      throw new TextError(message('not-a-gap', { text: shown(part), most: MOST_SPIKES }));
    }
    for (let i = 0; i < count; i++) spikes.push((step += gap));
  }
  if (step >= RACE_BOUNDS.steps.max) {
    throw new TextError(message('no-such-step', { step, steps: RACE_BOUNDS.steps.max }));
  }
  return spikes;
}

/** `megatron:i2p16`: the kind, and the numbers that are not the framework's own. */
function writeRacer(settings: ScalerSettings): string {
  const values = numbersOf(settings);
  const changed = scalerOf(settings.kind)
    .parameters.filter(({ name, usual }) => values[name] !== usual)
    .map(({ name, key }) => key + writeNumber(values[name]));
  return [settings.kind, ...changed].join(':');
}

function readRacer(text: string): ScalerSettings {
  const [word, ...parts] = text.split(':');
  const kind = SCALER_KINDS.find((each) => each === word);
  if (kind === undefined) {
    throw new TextError(message('not-a-scaler', { text: shown(word), known: SCALER_KINDS }));
  }
  const { parameters } = scalerOf(kind);
  const changed: Record<string, number> = {};
  for (const part of parts) {
    const parameter = parameters.find(({ key }) => part.startsWith(key));
    if (parameter === undefined) {
      throw new TextError(message('not-of-scaler', { text: shown(part), kind, keys: keysOf(parameters) }));
    }
    changed[parameter.name] = readBounded(part.slice(1), parameter.bound, `${kind}:${parameter.key}`);
  }
  return scalerSettings(kind, changed);
}

const keysOf = (parameters: readonly ScalerParameter[]): readonly string[] =>
  parameters.map(({ key, name }) => `${key} (${name})`);

const FIELDS: readonly Field<RaceState>[] = [
  numberField('n', 'steps'),
  {
    key: 'o',
    write: ({ source }) => source,
    read: (draft, text) => {
      const source = SOURCES.find((each) => each === text);
      if (source === undefined)
        throw new TextError(message('not-one-of', { text: shown(text), options: SOURCES }));
      return { ...draft, source };
    },
  },
  numberField('k', 'period'),
  numberField('p', 'rate'),
  numberField('seed', 'seed'),
  numberField('g', 'quiet'),
  {
    key: 'at',
    write: ({ spikes }) => writeSpikes(spikes),
    read: (draft, text) => ({ ...draft, spikes: readSpikes(text) }),
  },
  {
    key: 's',
    write: ({ racers }) => racers.map(writeRacer).join(','),
    read: (draft, text) => {
      const racers = text === '' ? [] : text.split(',');
      if (racers.length > MOST_RACERS) throw new TextError(message('too-many-racers', { most: MOST_RACERS }));
      return { ...draft, racers: racers.map(readRacer) };
    },
  },
];

/** The hash of the race, without the `#`. */
export const raceHash = (state: RaceState): string => WORD + serializeFields(FIELDS, state, DEFAULT_RACE);

export interface ParsedRace {
  readonly state: RaceState;
  readonly notices: readonly Notice[];
}

/** Reads the hash of the race. Never throws: what is bad keeps its default and gives a notice. */
export function parseRace(hash: string): ParsedRace {
  const { target, notices } = parseFields(FIELDS, hash.slice(WORD.length), DEFAULT_RACE, () => []);
  return { state: target, notices };
}
