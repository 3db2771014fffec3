import { beforeEach, describe, expect, test } from 'vitest';
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import type { EventKind, ScaleEvent } from '../../analysis/events';
import { Commentary } from './commentary';

const event = (kind: EventKind, step: number, after = 1): ScaleEvent => ({
  step,
  kind,
  before: 1,
  after,
  site: null,
  cause: null,
  count: 1,
});

const spell = (lane: number, code: 'behind' | 'diverged'): DiagnosisSpell =>
  ({ lane, diagnosis: { code }, from: 0, to: null }) as unknown as DiagnosisSpell;

let time = 0;
let commentary = new Commentary(() => time);
beforeEach(() => {
  time = 0;
  commentary = new Commentary(() => time);
});

describe('commentary', () => {
  test('tells the first skip of a series, and the next one only after a quiet minute', () => {
    const told: number[] = [];
    const hear = (step: number): void => {
      const heard = commentary.eventToTell(1, [event(step % 2 ? 'skip' : 'backoff', step)]);
      if (heard) told.push(heard.step);
    };
    for (let step = 0; step < 300; step++, time += 1000) hear(step);
    time += 58_000;
    hear(300);
    time += 60_000;
    hear(301);
    hear(302);
    expect(told).toEqual([0, 301]);
  });

  test('tells growth when the scale has gained a lot', () => {
    const told: number[] = [];
    for (let exponent = -4; exponent <= 12; exponent++) {
      const heard = commentary.eventToTell(1, [event('growth', exponent, 2 ** exponent)]);
      if (heard) told.push(Math.log2(heard.after));
    }
    expect(told).toEqual([-4, 0, 4, 8, 12]);
    // Up and down for ever is no gain.
    expect(commentary.eventToTell(1, [event('growth', 99, 2 ** 12)])).toBeNull();
  });

  test('a skip goes before growth, and nothing is told of what a hand did or of nothing', () => {
    const events = [event('manual', 1), event('growth', 2), event('backoff', 3)];
    expect(commentary.eventToTell(1, events)?.step).toBe(3);
    expect(commentary.eventToTell(1, [event('manual', 4)])).toBeNull();
    expect(commentary.eventToTell(1, [])).toBeNull();
  });

  test('another lane, or another run, is told of anew', () => {
    const told = (lane: number): boolean => commentary.eventToTell(lane, [event('backoff', 0)]) !== null;
    expect([told(1), told(1), told(2), told(2)]).toEqual([true, false, true, false]);
    const grown = (lane: number, after: number): boolean =>
      commentary.eventToTell(lane, [event('growth', 0, after)]) !== null;
    expect([grown(2, 2 ** 12), grown(2, 2 ** 3), grown(1, 2 ** 3)]).toEqual([true, false, true]);
    told(2);
    commentary.begin();
    expect([told(2), told(2)]).toEqual([true, false]);
  });

  test('tells a diagnosis once, however often it comes back', () => {
    const codes = (standing: readonly DiagnosisSpell[]): string[] =>
      commentary.diagnosesToTell(standing).map(({ lane, diagnosis }) => `${lane} ${diagnosis.code}`);
    expect(codes([spell(1, 'behind')])).toEqual(['1 behind']);
    expect(codes([spell(1, 'behind'), spell(2, 'behind')])).toEqual(['2 behind']);
    expect(codes([])).toEqual([]);
    expect(codes([spell(1, 'diverged'), spell(2, 'behind')])).toEqual(['1 diverged']);
    commentary.begin();
    expect(codes([spell(2, 'behind')])).toEqual(['2 behind']);
  });
});
