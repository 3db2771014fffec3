import { describe, expect, test } from 'vitest';
import { Pace } from './pace';

describe('the size of a chunk', () => {
  test('doubles at most, however fast the chunk before was', () => {
    const pace = new Pace();
    pace.start(0, 0);
    const sizes = [0, 1, 2].map((now) => {
      pace.done(pace.size, now, now + 0.02);
      return pace.size;
    });
    expect(sizes).toEqual([2, 4, 8]);
  });

  test('falls at once where steps take longer than wished', () => {
    const pace = new Pace();
    pace.start(0, 0);
    for (let now = 0; now < 10; now++) pace.done(pace.size, now, now + 0.5);
    expect(pace.size).toBeGreaterThan(4);
    pace.done(4, 10, 1010);
    expect(pace.size).toBe(1);
  });

  test('follows a running average of what a step takes', () => {
    const pace = new Pace();
    pace.start(0, 0);
    pace.done(1, 0, 6);
    expect(pace.size).toBe(2);
    // 1 ms a step: 4.5 ms on average.
    pace.done(2, 6, 8);
    expect(pace.size).toBe(3);
  });

  test('does not count the time that a chunk had to wait for the one before it', () => {
    const pace = new Pace();
    pace.start(0, 0);
    pace.done(1, 0, 10);
    pace.done(1, 5, 12);
    expect(pace.size).toBe(2);
  });

  test('does not count the time in which nothing was to be done', () => {
    const pace = new Pace();
    pace.start(0, 0);
    pace.done(1, 0, 3);
    pace.done(2, 100, 106);
    expect(pace.size).toBe(4);
  });
});

describe('steps per second', () => {
  test('are averaged over about a second', () => {
    const pace = new Pace();
    pace.start(0, 0);
    expect(pace.stepsPerSecond).toBe(0);
    pace.done(10, 0, 100);
    expect(pace.stepsPerSecond).toBeCloseTo(100, 9);
    pace.done(20, 100, 200);
    expect(pace.stepsPerSecond).toBeCloseTo(110, 9);
  });

  test('forget what was before, after more than a second', () => {
    const pace = new Pace();
    pace.start(0, 0);
    pace.done(10, 0, 100);
    pace.done(20, 100, 2100);
    expect(pace.stepsPerSecond).toBeCloseTo(10, 9);
  });

  test('do not count a pause', () => {
    const pace = new Pace();
    pace.start(0, 0);
    pace.done(10, 0, 100);
    pace.start(5000, 10);
    pace.done(10, 5000, 5100);
    expect(pace.stepsPerSecond).toBeCloseTo(100, 9);
  });
});

describe('a limited run', () => {
  test('waits until a step is due, counted from where it went on', () => {
    const pace = new Pace();
    pace.setLimit(10, 0, 0);
    expect([0, 30, 500].map((now) => pace.wait(now, 1))).toEqual([100, 70, 0]);
    expect(pace.due(0, 5)).toBe(0);
    pace.start(1000, 5);
    expect(pace.due(1000, 5)).toBe(1);
    expect(pace.wait(1000, 6)).toBe(100);
    pace.setLimit(2, 2000, 15);
    expect(pace.wait(2000, 16)).toBe(500);
  });

  test('becomes one without a limit, for which every step is due', () => {
    const pace = new Pace();
    pace.setLimit(10, 0, 0);
    pace.setLimit(null, 0, 0);
    expect(pace.due(0, 5)).toBe(Infinity);
    expect(pace.wait(0, 5)).toBe(0);
  });

  test('catches up what it has missed for a quarter of a second', () => {
    const pace = new Pace();
    pace.setLimit(10, 0, 0);
    expect(pace.due(250, 0)).toBe(3);
  });

  test('does not catch up what it has missed for more than a quarter of a second', () => {
    const pace = new Pace();
    pace.setLimit(10, 0, 0);
    expect(pace.due(0, 0)).toBe(1);
    expect(pace.due(200, 1)).toBe(2);
    // Behind a hidden tab, or on a computer that slept.
    expect(pace.due(10_000, 3)).toBe(1);
    expect(pace.due(10_000, 4)).toBe(0);
    expect(pace.due(10_100, 4)).toBe(1);
  });
});
