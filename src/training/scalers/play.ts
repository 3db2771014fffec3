/** A scaler by itself: what it does with a sequence of overflows. */
import { scalerOf } from '.';
import { isRaised, type ScalerValues } from './scaler.ts';

/** One step of a play. */
export interface PlayStep {
  readonly foundInf: boolean;
  /** Parameters and state that are set before the step. */
  readonly parameters?: ScalerValues;
  readonly state?: ScalerValues;
  /** Sets the scale in place of the update, as GradScaler.update(new_scale) does. */
  readonly newScale?: number;
}

export interface ScalerPlay {
  readonly kind: string;
  readonly parameters: ScalerValues;
  readonly steps: readonly PlayStep[];
}

/** What came of it. Where an error ended it, there are fewer states than steps. */
export interface Played {
  /** The state after each step. */
  readonly states: readonly ScalerValues[];
  readonly raised: { readonly at: 'constructor' | number; readonly code: string } | null;
}

/** Numbers as the state of a scaler holds them. */
export function encoded(kind: string, values: ScalerValues): ScalerValues {
  const f32 = new Set(
    scalerOf(kind)
      .state.filter(({ encoding }) => encoding === 'f32')
      .map(({ name }) => name),
  );
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, f32.has(name) ? Math.fround(value) : value]),
  );
}

/** The reference: every backend has to end each step in the same state. */
export function playScaler({ kind, parameters: given, steps }: ScalerPlay): Played {
  const scaler = scalerOf(kind);
  const refusal = scaler.refuses(given);
  if (refusal !== null) return { states: [], raised: { at: 'constructor', code: refusal } };
  const states: ScalerValues[] = [];
  let parameters = given;
  let state: ScalerValues = scaler.start(parameters);
  for (const [at, step] of steps.entries()) {
    parameters = { ...parameters, ...step.parameters };
    state = { ...state, ...encoded(kind, step.state ?? {}) };
    if (step.newScale !== undefined) {
      state = { ...state, ...encoded(kind, { scale: step.newScale }) };
    } else {
      const result = scaler.update(state, step.foundInf, parameters);
      if (isRaised(result)) return { states, raised: { at, code: result.raises } };
      state = result;
    }
    states.push(state);
  }
  return { states, raised: null };
}
