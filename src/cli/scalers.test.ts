import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UsageError } from './errors';
import { scalersCommand } from './scalers';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scalers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** What the command writes for such a file, and the text of it. */
async function play(cases: unknown): Promise<{ readonly answers: unknown; readonly text: string }> {
  const path = join(folder, 'cases.json');
  const out = join(folder, 'out.json');
  writeFileSync(path, JSON.stringify(cases));
  await scalersCommand([path, '--backend', 'cpu', '--out', out]);
  const text = readFileSync(out, 'utf8');
  return { answers: JSON.parse(text), text };
}

const keras = { name: 'k', kind: 'keras', config: { dynamicGrowthSteps: 1 }, foundInf: [false, true] };

test('writes what came of each case under its name', async () => {
  const fairseq = {
    name: 'f',
    kind: 'fairseq',
    config: { initScale: 1.5e-4, minLossScale: 1e-4 },
    foundInf: [false, true, true],
  };
  const { answers } = await play([keras, fairseq]);
  expect(answers).toEqual({
    k: { expectedScale: [65536, 32768], expectedTracker: [0, 0], expectedStepApplied: [true, false] },
    f: {
      expectedScale: [1.5e-4],
      expectedTracker: [1],
      expectedStepApplied: [true],
      expectError: {
        at: 1,
        type: 'FloatingPointError',
        message: expect.stringMatching(/^Minimum loss scale reached \(0\.0001\)\. Your loss/) as string,
      },
    },
  });
});

test.each([
  [{ kind: 'magic' }, 'there is no kind "magic"'],
  [{ kind: 'constructor' }, 'there is no kind "constructor"'],
  [{ config: { window: 3 } }, 'Keras 3 has no "window"'],
  [{ config: { initialScale: 'large' } }, 'initialScale must be a number, not "large"'],
  [{ events: [{ at: 0, op: 'setHysteresis', value: 3 }] }, 'Keras 3 has no event "setHysteresis"'],
  [{ events: [{ at: 0, op: 'loadStateDict', value: { momentum: 3 } }] }, 'Keras 3 saves no "momentum"'],
  [{ foundInf: 'often' }, 'foundInf'],
])('says for %j alone what is wrong with it', async (change, problem) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { answers } = await play({ cases: [{ ...keras, name: 'bad', ...change }, keras] });
  expect(answers).toMatchObject({
    bad: { problem: expect.stringContaining(problem) as string },
    k: { expectedScale: [65536, 32768] },
  });
  expect(said).toHaveBeenCalledOnce();
});

test('a disabled GradScaler takes every change and makes none', async () => {
  const events = [
    { at: 0, op: 'updateNewScale', value: 8 },
    { at: 1, op: 'setGrowthInterval', value: 1 },
    { at: 1, op: 'loadStateDict', value: { scale: 4, _growth_tracker: 3 } },
  ];
  const { answers } = await play([
    { name: 'off', kind: 'pytorch', config: { enabled: false }, foundInf: [1, 0], events },
  ]);
  expect(answers).toEqual({
    off: { expectedScale: [1, 1], expectedTracker: [0, 0], expectedStepApplied: [true, true] },
  });
});

test('large whole numbers are written so that no reader takes them for another', async () => {
  const { text, answers } = await play([{ ...keras, config: { initialScale: 2 ** 60 }, foundInf: [false] }]);
  expect(text).toContain('[1.152921504606847e+18]');
  expect(answers).toMatchObject({ k: { expectedScale: [2 ** 60] } });
});

test('a file that is no list of cases is refused', async () => {
  await expect(play({ name: 'one' })).rejects.toThrow(UsageError);
});
