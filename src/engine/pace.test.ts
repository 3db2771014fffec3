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
});

describe('a limited run', () => {
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
