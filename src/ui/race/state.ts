/** What the race shows: the overflows of a run, and the scalers that meet them. */
import { atRate, everyPeriod, type Demand } from '../../analysis/race';
import type { Bound } from '../../numerics/bound';
import { scalerSettings, type ScalerSettings } from '../../training/scalers';

/** Where the overflows that no scale avoids come from. */
export const SOURCES = ['every', 'rate', 'steps'] as const;
export type Source = (typeof SOURCES)[number];

export interface RaceState {
  readonly steps: number;
  readonly source: Source;
  /** One overflow every so many steps. */
  readonly period: number;
  /** Probability of an overflow at a step, and the seed of the random numbers. */
  readonly rate: number;
  readonly seed: number;
  /** Chosen by hand, or taken from a run: ascending. */
  readonly spikes: readonly number[];
  /** Largest gradient at all other steps. */
  readonly quiet: number;
  readonly racers: readonly ScalerSettings[];
}

export const RACE_BOUNDS = {
  steps: { min: 10, max: 100_000, integer: true },
  period: { min: 1, max: 100_000, integer: true },
  rate: { min: 0, max: 1 },
  seed: { min: 0, max: 2 ** 32 - 1, integer: true },
  quiet: { min: 0, max: 2 ** 126 },
} as const satisfies Record<string, Bound>;

/** More than these neither a hand sets nor a link holds. */
export const MOST_SPIKES = 2000;
export const MOST_RACERS = 12;

/** Quiet gradients, and an overflow every 50 steps that no scale can avoid. */
export const DEFAULT_RACE: RaceState = {
  steps: 2000,
  source: 'every',
  period: 50,
  rate: 1e-3,
  seed: 1,
  spikes: [],
  quiet: 0.01,
  racers: [
    scalerSettings('dynamic'),
    scalerSettings('keras'),
    scalerSettings('apex-hysteresis'),
    scalerSettings('megatron', { initialScale: 2 ** 16 }),
    scalerSettings('deepspeed'),
    scalerSettings('deepspeed', { consecutiveHysteresis: 1 }),
  ],
};

function spikesOf({ source, steps, period, rate, seed, spikes }: RaceState): readonly number[] {
  switch (source) {
    case 'every':
      return everyPeriod(steps, period);
    case 'rate':
      return atRate(steps, rate, seed);
    case 'steps':
      return spikes.filter((step) => step < steps);
  }
}

export const demandOf = (state: RaceState): Demand => ({
  steps: state.steps,
  quiet: state.quiet,
  spikes: spikesOf(state),
});

/** With its spikes as if they had been chosen by hand; what a hand cannot have set is left off. */
export function byHand(
  state: RaceState,
  change: (spikes: readonly number[]) => readonly number[],
): RaceState {
  return { ...state, source: 'steps', spikes: change(spikesOf(state)).slice(0, MOST_SPIKES) };
}

export const toggled = (spikes: readonly number[], step: number): readonly number[] =>
  spikes.includes(step)
    ? spikes.filter((other) => other !== step)
    : [...spikes, step].toSorted((a, b) => a - b);
