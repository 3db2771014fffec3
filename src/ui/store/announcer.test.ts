import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from './announcer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const said: string[] = [];
  return { said, announcer: new Announcer((text) => said.push(text)) };
}

test('says at most one thing in two seconds, and of many the newest', () => {
  const { said, announcer } = setUp();
  for (let step = 0; step < 100; step++) announcer.say(`step ${step}`);
  expect(said).toEqual(['step 0']);
  vi.advanceTimersByTime(1999);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['step 0', 'step 97']);
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual(['step 0', 'step 97', 'step 98', 'step 99']);
  announcer.say('later');
  expect(said.at(-1)).toBe('later');
});

test('what a person did is said before what the run did, and pushes none of it aside', () => {
  const { said, announcer } = setUp();
  announcer.say('step 0');
  announcer.say('a diagnosis');
  announcer.say('Link copied', true);
  announcer.say('step 1');
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual(['step 0', 'Link copied', 'a diagnosis', 'step 1']);
});

test('of many things that a person did, the newest come first', () => {
  const { said, announcer } = setUp();
  for (let refusal = 0; refusal < 20; refusal++) announcer.say(`refused ${refusal}`, true);
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual(['refused 0', 'refused 19', 'refused 18', 'refused 17']);
});
