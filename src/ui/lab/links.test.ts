import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostileLink } from '../../cli/hostile-links';
import { labHash, parseLab } from './link';
import { labValue, type LabState } from './state';
import { messageText } from '../../i18n/said';

interface Recorded {
  readonly link: string;
  readonly state: LabState;
  /** Keys of the notices. */
  readonly notices: readonly string[];
}

const recorded = readFileSync(new URL('testdata/links.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

test.each(recorded)('$link means what it meant', ({ link, state, notices }) => {
  const parsed = parseLab(link);
  expect(parsed.state).toMatchObject(state);
  expect(parsed.notices.map(({ key }) => key)).toEqual(notices);
});

const GOOD = [
  ...recorded.map(({ link }) => link),
  'lab&f=e5m7&r=down&n=0x1f&op=mul&a=1+2%5E-11&b=(1/3)%5E9&c=0b101&t=-inf&k=7&blk=1,2;3%20nan&axis=log2&v=1e-3:2',
];

test('hostile links open with a state that can be shown and written', () => {
  for (let index = 0; index < 5000; index++) {
    const link = `lab${hostileLink(index, GOOD).replace(/^(lab)?/, '')}`;
    const { state, notices } = parseLab(link);
    labValue(state);
    const longest = Math.max(0, ...notices.map(({ message }) => messageText(message).length));
    expect([link, notices.length <= 6, longest < 400]).toEqual([link, true, true]);
    expect([link, parseLab(labHash(state)).state]).toEqual([link, state]);
  }
});
