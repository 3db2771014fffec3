import { describe, expect, test } from 'vitest';
import { CAUSES, emptyDigest, type Digest } from './digest';
import { LaneEvents, marksOf, type ScaleEvent } from './events';

interface Step {
  readonly scale: number;
  readonly after: number;
  readonly foundInf?: boolean;
  readonly raised?: number;
  readonly site?: number;
}

function digest(firstStep: number, steps: readonly Step[]): Digest {
  const columns = {
    firstStep,
    steps: steps.length,
    loss: new Float32Array(steps.length),
    scale: Float32Array.from(steps, ({ scale }) => scale),
    scaleAfter: Float32Array.from(steps, ({ after }) => after),
    foundInf: Uint8Array.from(steps, ({ foundInf }) => (foundInf ? 1 : 0)),
  };
  return {
    ...emptyDigest(columns, 1, 0),
    raised: Uint8Array.from(steps, ({ raised }) => raised ?? 0),
    firstSite: Int16Array.from(steps, ({ site }) => site ?? -1),
    firstCause: new Uint8Array(steps.length).fill(CAUSES.indexOf('overflow')),
  };
}

const overflow = { foundInf: true, site: 3 };

describe('scale events', () => {
  test('end where the scaler raises an error', () => {
    const events = new LaneEvents();
    const steps = [
      { scale: 2, after: 1, ...overflow },
      { scale: 1, after: 1, ...overflow, raised: 1 },
      { scale: 1, after: 1, ...overflow, raised: 1 },
    ];
    const added = events.append(digest(0, steps), 0, 1, true);
    expect(added.map(({ kind, step }) => [kind, step])).toEqual([
      ['backoff', 0],
      ['stop', 1],
    ]);
    expect(events).toMatchObject({ skipped: 1, raised: { step: 1, number: 1 } });
    expect(events.append(digest(0, steps), 0, 1, true)).toEqual([]);
  });

  test('backoff, growth and skip are told apart', () => {
    const lane = new LaneEvents();
    lane.append(
      digest(0, [
        { scale: 8, after: 4, ...overflow },
        { scale: 4, after: 4 },
        { scale: 4, after: 8 },
        { scale: 8, after: 8, ...overflow },
      ]),
      0,
      1,
      true,
    );
    expect(
      lane.events.map(({ step, kind, before, after, site }) => [step, kind, before, after, site]),
    ).toEqual([
      [0, 'backoff', 8, 4, 3],
      [2, 'growth', 4, 8, null],
      [3, 'skip', 8, 8, 3],
    ]);
    expect(lane.events[0].cause).toBe('overflow');
    expect(lane.counts).toEqual({ backoff: 1, growth: 1, skip: 1, manual: 0, stop: 0 });
    expect(lane.skipped).toBe(2);
    expect(lane.skippedInARow).toBe(1);
  });

  test('a scale that is not the one after the step before was set by hand, across frames too', () => {
    const lane = new LaneEvents();
    lane.append(digest(0, [{ scale: 8, after: 8 }]), 0, 1, true);
    lane.append(digest(1, [{ scale: 64, after: 32, ...overflow }]), 0, 1, true);
    expect(lane.events.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['manual', 8, 64],
      ['backoff', 64, 32],
    ]);
  });

  test('a lane that does not look for infinities skips nothing', () => {
    const lane = new LaneEvents();
    lane.append(digest(0, [{ scale: 1, after: 1, ...overflow }]), 0, 1, false);
    expect(lane.events).toEqual([]);
    expect(lane.skipped).toBe(0);
  });

  test('memory is bounded and counts stay exact', () => {
    const lane = new LaneEvents();
    const steps = Array.from({ length: 1000 }, (_, index) =>
      index % 2 ? { scale: 4, after: 8 } : { scale: 8, after: 4, ...overflow },
    );
    for (let frame = 0; frame < 20; frame++) lane.append(digest(frame * 1000, steps), 0, 1, true);
    expect(lane.events.length).toBeLessThanOrEqual(2048);
    expect(lane.counts).toMatchObject({ backoff: 10000, growth: 10000 });
    expect(lane.events.reduce((sum, { count }) => sum + count, 0)).toBe(20000);
    expect(lane.events.at(-1)).toMatchObject({ step: 19999, kind: 'growth', count: 1 });
  });

  /** Irregular: backoffs far apart, and growths between them. */
  const growthsBetween = (steps: number): Step[] =>
    Array.from({ length: steps }, (_, step) =>
      step % 7 === 0 ? { scale: 4, after: 2, ...overflow } : { scale: step % 7 === 1 ? 2 : 4, after: 8 },
    );
  const stepsOf = (events: readonly ScaleEvent[]): number[] => events.map(({ step }) => step);

  test('events and marks are in the order of their steps, merged or not', () => {
    const lane = new LaneEvents();
    lane.append(digest(0, growthsBetween(20_000)), 0, 1, true);
    expect(lane.events.some(({ count }) => count > 1)).toBe(true);
    expect(stepsOf(lane.events)).toEqual(stepsOf(lane.events).toSorted((a, b) => a - b));
    const marks = marksOf(lane.events, 20_000, 50);
    expect(stepsOf(marks)).toEqual(stepsOf(marks).toSorted((a, b) => a - b));
  });

  test('marks are bounded per kind and stand for all events', () => {
    const lane = new LaneEvents();
    const steps = Array.from({ length: 1000 }, (_, index) =>
      index % 2 ? { scale: 4, after: 8 } : { scale: 8, after: 4, ...overflow },
    );
    lane.append(digest(0, steps), 0, 1, true);
    const marks = marksOf(lane.events, 1000, 50);
    expect(marks).toHaveLength(100);
    expect(marks.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    // A mark stands for several events, and what it says happened.
    for (const { count: _, ...mark } of marks) {
      expect(lane.events).toContainEqual({ ...mark, count: 1 });
    }
    expect(marksOf(lane.events.slice(0, 3), 1000, 1000)).toHaveLength(3);
  });
});
