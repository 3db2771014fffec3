/** What the command line says about what it cannot use: true, and never longer than somebody reads. */
import { describe, expect, test } from 'vitest';
import { dotCommand } from './dot';
import { messageLine, UsageError } from './errors';
import { roundCommand } from './round';
import { runCommand } from './run';

const OUT = ['--backend', 'cpu', '--out', '/dev/null'];
const LONG = 'x'.repeat(100_000);

/** The line that the program would end with. */
async function complaint(
  command: (argv: readonly string[]) => Promise<void>,
  argv: readonly string[],
): Promise<string> {
  try {
    await command(argv);
  } catch (error) {
    if (error instanceof UsageError) return messageLine(error, argv);
    throw error;
  }
  throw new Error('nothing was refused');
}

const run = (link: string): Promise<string> => complaint(runCommand, [link, '--steps', '1', ...OUT]);

describe('amp run', () => {
  test('refuses a damaged link without saying that it does something else', async () => {
    expect(await run('v=1&zz=4&b=2&b=3')).toBe(
      'the link is damaged: "b" stands in the link more than once; "zz" is not a key of a link',
    );
  });

  test.each(['__proto__=1', 'constructor', 'lanes=fp16:atensor-core.constructor', 'task=toString'])(
    'refuses %s in words',
    async (part) => {
      expect(await run(`v=1&${part}`)).toMatch(/^the link is damaged: .*(?:__proto__|constructor|toString)/);
    },
  );

  test.each([LONG, `v=1&${LONG}=1`, `v=1&lanes=${LONG}`, `${LONG}.json`, `v=1${'&zz=1'.repeat(19_000)}`])(
    'is brief about a long argument',
    async (link) => {
      expect((await run(link)).length).toBeLessThan(700);
    },
  );
});

test('amp dot refuses what every object inherits', async () => {
  const argv = (accumulate: string) => ['--accumulate', accumulate, '--format', 'fp16', '--k', '2', ...OUT];
  for (const name of ['constructor', '__proto__', 'toString', 'has-own-property']) {
    const said = await complaint(dotCommand, [...argv(`tensor-core:${name}`), '--in', 'no.bin']);
    expect(said).toMatch(`--accumulate: No tensor core of a GPU "${name.toLowerCase()}" is known`);
  }
});

test.each(['format', 'in', 'backend', 'rounding', 'seed', 'random-bits', LONG])(
  'amp round is brief about --%.20s',
  async (name) => {
    const options = new Map([
      ['format', 'fp16'],
      ['backend', 'cpu'],
      ['in', 'no.bin'],
      ['out', '/dev/null'],
      [name, LONG],
    ]);
    const argv = [...options].flatMap(([key, value]) => [`--${key}`, value]);
    // The usage is some of it.
    expect((await complaint(roundCommand, argv)).length).toBeLessThan(900);
  },
);

test('an error of many lines is told on one', () => {
  expect(messageLine(new Error('first\n  second'), [])).toBe('first second');
  expect(messageLine(new Error(LONG), []).length).toBeLessThan(2100);
});
