import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serialize } from '../../experiment/codec';
import { defaultExperiment } from '../../experiment/defaults';
import { openingExperiment } from '../../experiment/presets';
import type { Address } from '../pages/address';
import { Link } from './link';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(hash: string) {
  const written: [hash: string, entry: string][] = [];
  let current = hash;
  let changed: () => void = () => undefined;
  const address: Address = {
    read: () => current,
    write: (next, entry) => {
      current = next;
      written.push([next, entry]);
    },
    watch: (callback) => (changed = callback),
    full: (next) => `https://example.org/#${next}`,
  };
  const visit = (next: string): void => {
    current = next;
    changed();
  };
  return { link: new Link(address), written, visit };
}

const withBatch = (batch: number) => ({ ...defaultExperiment(), batch });

test('an empty address opens the opening experiment', () => {
  expect(setUp('').link.open()).toMatchObject({ experiment: openingExperiment, isOpening: true });
  const hash = serialize(withBatch(16));
  expect(setUp(hash).link.open()).toMatchObject({ experiment: withBatch(16), isOpening: false });
});

test('dragging replaces the address now and then, and ends with the newest', () => {
  const { link, written } = setUp('');
  for (let batch = 1; batch <= 100; batch++) {
    link.replace(withBatch(batch));
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(1000);
  expect(written.length).toBeLessThanOrEqual(6);
  expect(written.at(-1)).toEqual([serialize(withBatch(100)), 'replace']);
});

test('a discrete change makes an entry, and what waited before it is written into the one that is left', () => {
  const { link, written } = setUp('');
  link.replace(withBatch(5));
  link.push(withBatch(6));
  vi.advanceTimersByTime(1000);
  expect(written).toEqual([
    [serialize(withBatch(5)), 'replace'],
    [serialize(withBatch(6)), 'push'],
  ]);
  link.push(withBatch(6));
  expect(written).toHaveLength(2);
});

test('what waits is not written into an entry that was opened meanwhile', () => {
  const { link, written, visit } = setUp('');
  link.replace(withBatch(5));
  visit(serialize(withBatch(8)));
  expect(link.open().experiment).toEqual(withBatch(8));
  vi.advanceTimersByTime(1000);
  expect(written).toEqual([]);
});

test('remembers whether an experiment ran when it was left', () => {
  const { link } = setUp('');
  link.left(withBatch(5), false);
  link.left(withBatch(6), true);
  expect([5, 6, 7].map((batch) => link.ranWhenLeft(withBatch(batch)))).toEqual([false, true, null]);
});

test('only a change from outside is told', () => {
  const { link, visit } = setUp('');
  const opened = vi.fn<() => void>();
  link.watch(opened);
  link.push(withBatch(7));
  visit(serialize(withBatch(7)));
  expect(opened).not.toHaveBeenCalled();
  visit(serialize(withBatch(8)));
  expect(opened).toHaveBeenCalledOnce();
});
