/** Recorded cases of loss scalers, and what tells an answer from what a case expects. */
import type { ScalerAnswer } from '../cli/scaler-answers';
import { parseCase, playOf, type CasePlay, type ScalerCase } from '../cli/scaler-cases';
import { encoded, playScaler } from '../training/scalers/play';
import type { ScalerValues } from '../training/scalers/scaler';
import { scalerOf } from '../training/scalers';
import random from '../training/testdata/scalers-random.json';
import file from '../training/testdata/scalers.json';

export interface RecordedCase {
  readonly entry: ScalerCase;
  readonly play: CasePlay;
}

export const RECORDED_CASES: readonly RecordedCase[] = [...file, ...random].map((input) => {
  const entry = parseCase(input);
  return { entry, play: playOf(entry) };
});

const EXPECTED = /^expected/;

/** What an answer lacks of what its case expects, as texts; empty where it has all of it. */
export function differences({ entry }: RecordedCase, answer: ScalerAnswer): string[] {
  const given = new Map<string, unknown>(Object.entries(answer));
  const found = Object.entries(entry)
    .filter(([key]) => EXPECTED.test(key))
    .filter(([key, expected]) => JSON.stringify(given.get(key)) !== JSON.stringify(expected))
    .map(([key, expected]) => `${key}: ${JSON.stringify(given.get(key))}, not ${JSON.stringify(expected)}`);
  const { expectError } = entry;
  const error = answer.expectError;
  const raisesThat =
    expectError === undefined
      ? error === undefined
      : error?.at === expectError.at &&
        error.type === expectError.type &&
        error.message.includes(expectError.messageIncludes);
  if (!raisesThat) found.push(`raises ${JSON.stringify(error)}, not ${JSON.stringify(expectError)}`);
  return found;
}

/** One update of a scaler. */
export interface Transition {
  readonly name: string;
  readonly kind: string;
  readonly parameters: ScalerValues;
  readonly before: ScalerValues;
  readonly foundInf: boolean;
  readonly after: ScalerValues;
}

/** The updates of a case that raise nothing, each with the state that it starts from. */
export function transitions({ entry, play: { delayed, ...rest } }: RecordedCase): readonly Transition[] {
  if (delayed !== null || !('play' in rest)) return [];
  const { kind, parameters: given, steps } = rest.play;
  let parameters = given;
  let before = scalerOf(kind).start(given);
  return playScaler(rest.play).states.flatMap((after, at) => {
    const { foundInf, newScale, ...set } = steps[at];
    parameters = { ...parameters, ...set.parameters };
    const transition = {
      name: `${entry.name} ${at}`,
      kind,
      parameters,
      before: { ...before, ...encoded(kind, set.state ?? {}) },
    };
    before = after;
    // update(new_scale) sets the scale without asking the scaler; Runner.setScale does that.
    return newScale === undefined ? [{ ...transition, foundInf, after }] : [];
  });
}
