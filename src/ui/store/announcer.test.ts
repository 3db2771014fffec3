import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from './announcer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('says at most one thing in two seconds, and then the newest', () => {
  const said: string[] = [];
  const announcer = new Announcer((text) => said.push(text));
  for (let step = 0; step < 100; step++) announcer.say(`step ${step}`);
  expect(said).toEqual(['step 0']);
  vi.advanceTimersByTime(1999);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['step 0', 'step 99']);
  vi.advanceTimersByTime(10_000);
  expect(said).toHaveLength(2);
});

test('what a person did is not pushed aside by what the run did', () => {
  const said: string[] = [];
  const announcer = new Announcer((text) => said.push(text));
  announcer.say('step 0');
  announcer.say('Link copied', true);
  announcer.say('step 1');
  vi.advanceTimersByTime(2000);
  expect(said).toEqual(['step 0', 'Link copied']);
});
