import { beforeEach, describe, expect, test, vi } from 'vitest';
import { serialize } from '../../experiment/codec';
import { defaultExperiment } from '../../experiment/defaults';
import { Link } from '../store/link';
import type { Address } from './address';
import { Navigator } from './navigator';
import { playgroundAddress } from './playground-address';
import { pageOf } from './route';

const withBatch = (batch: number) => ({ ...defaultExperiment(), batch });
const [A, B] = [serialize(withBatch(16)), serialize(withBatch(17))];

/** A browser with a history. */
function setUp(hash: string, experiment?: string) {
  const entries = [hash];
  let at = 0;
  const watchers: (() => void)[] = [];
  const tell = (): void => watchers.forEach((changed) => changed());
  const browser: Address = {
    read: () => entries[at],
    write: (next, entry) => {
      if (entry === 'push') entries.splice(++at, entries.length, next);
      else entries[at] = next;
      tell();
    },
    watch: (changed) => void watchers.push(changed),
    full: (next) => `https://example.org/#${next}`,
  };
  const go = (by: number): void => {
    at += by;
    tell();
  };
  const link = new Link(playgroundAddress(browser, experiment));
  const navigator = new Navigator(browser, experiment);
  const opened = vi.fn<() => void>();
  link.watch(opened);
  return { browser, entries, go, link, navigator, opened };
}

beforeEach(() => void vi.useFakeTimers());

describe('pages', () => {
  test.each([
    ['', 'playground'],
    ['v=1&b=3', 'playground'],
    ['lab', 'lab'],
    ['lab&f=fp16', 'lab'],
    ['label', 'playground'],
    ['lab=3', 'playground'],
    ['nonsense', 'playground'],
  ])('#%s is %s', (hash, page) => {
    expect(pageOf(hash)).toBe(page);
  });

  test('going to the lab and back leaves the experiment alone', () => {
    const { navigator, go, opened, link } = setUp(A);
    navigator.open('lab&f=fp16');
    expect(navigator.page).toBe('lab');
    go(-1);
    expect(navigator.page).toBe('playground');
    navigator.open(navigator.hashOf('lab'));
    expect(navigator.hash).toBe('lab&f=fp16');
    navigator.open(navigator.hashOf('playground'));
    expect(navigator.hash).toBe(A);
    expect(opened).not.toHaveBeenCalled();
    expect(link.open().experiment).toEqual(withBatch(16));
  });

  test('what the experiment becomes while the lab is open enters the address on the way back', () => {
    const { navigator, go, opened, link, entries } = setUp(A);
    link.replace(withBatch(17));
    navigator.open('lab');
    vi.advanceTimersByTime(1000);
    expect(entries).toEqual([A, 'lab']);
    go(-1);
    expect(navigator.hash).toBe(B);
    expect(opened).not.toHaveBeenCalled();
  });

  test('another experiment in the history is opened', () => {
    const { navigator, go, opened, link } = setUp(A);
    link.push(withBatch(17));
    navigator.open('lab');
    go(-2);
    expect(opened).toHaveBeenCalledOnce();
    expect(link.open().experiment).toEqual(withBatch(16));
  });

  test('a page opened directly has the opening experiment behind it', () => {
    const { navigator, link } = setUp('lab');
    expect(link.open().isOpening).toBe(true);
    navigator.open(navigator.hashOf('playground'));
    expect(navigator.hash).toBe('');
    expect(link.open().isOpening).toBe(true);
  });

  test('a page that is loaded again has the experiment behind it that was there before', () => {
    const { navigator, link, opened } = setUp('lab', A);
    expect(link.open().experiment).toEqual(withBatch(16));
    navigator.open(navigator.hashOf('playground'));
    expect(navigator.hash).toBe(A);
    expect(opened).not.toHaveBeenCalled();
  });

  test('a state waiting to be written does not bring its page back', () => {
    const { navigator, go, entries } = setUp(A);
    navigator.open('lab');
    navigator.replace('lab&f=bf16');
    go(-1);
    vi.advanceTimersByTime(1000);
    expect(entries).toEqual([A, 'lab']);
    navigator.open('lab');
    navigator.replace('lab&f=bf16');
    expect(navigator.url()).toBe('https://example.org/#lab&f=bf16');
    expect(entries).toEqual([A, 'lab&f=bf16']);
  });
});
