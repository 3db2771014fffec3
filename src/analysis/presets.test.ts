/**
 * The experiments with a name do what their headlines say. What they come to is recorded (`npm run record-presets`), and
 * here the first 1,000 steps are run again and compared with the record.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PRESETS, type PresetId } from '../experiment/presets';
import { headlineText } from '../i18n/headline';
import { runDiagnosed, type Checkpoint } from '../testing/diagnosed-runs';
import { happened } from './headline';

const FILE = join(import.meta.dirname, 'testdata/preset-runs.json');
const recording = import.meta.env.MODE === 'presets';

const RECORDED = [20, 100, 200, 1000, 5000];
/** A step of the small convolutional network takes ten times as long as one of the others. */
const RUN_AGAIN = (id: PresetId): number[] => RECORDED.slice(0, id === 'digits-cnn' ? 2 : 4);

/** JSON has no NaN. */
const plain = (checkpoints: readonly Checkpoint[]): unknown => JSON.parse(JSON.stringify(checkpoints));

const stored = async (): Promise<Record<string, Checkpoint[]>> =>
  JSON.parse(await readFile(FILE, 'utf8')) as Record<string, Checkpoint[]>;

test.runIf(recording)('record', { timeout: 7_200_000 }, async () => {
  const runs: Record<string, unknown> = {};
  for (const { id, experiment } of PRESETS) {
    runs[id] = plain((await runDiagnosed(experiment, RECORDED)).checkpoints);
    console.warn(`${id}: ${JSON.stringify(runs[id])}`);
  }
  await expect(`${JSON.stringify(runs, null, 1)}\n`).toMatchFileSnapshot(FILE);
});

describe.skipIf(recording).each(PRESETS)('$id', ({ id, experiment }) => {
  test('the record is what the engine computes', { timeout: 120_000 }, async () => {
    const { checkpoints } = await runDiagnosed(experiment, RUN_AGAIN(id));
    const known = (await stored())[id];
    expect(plain(checkpoints)).toEqual(known.slice(0, checkpoints.length));
  });

  test('does what its headline says', async () => {
    for (const { steps, lanes } of (await stored())[id].filter((each) => each.steps >= 200)) {
      const values = happened(id, lanes, steps);
      expect(values, `${id} at step ${steps}: ${JSON.stringify(lanes)}`).not.toBeNull();
      expect(headlineText(id, values).happened).not.toMatch(/\{\{|NaN|undefined/);
    }
  });

  test('nothing is wrong with the lanes that are to do well', async () => {
    const well: Partial<Record<PresetId, number[]>> = {
      opening: [0, 1],
      underflow: [0, 1],
      plateau: [0, 2],
      fp8: [0],
      bf16: [0, 1],
      adam: [0, 1],
      'adam-in-fp16': [0, 1, 3],
      'no-masters': [0, 1],
      dice: [0, 2, 3],
      'fp16-masters': [0, 1],
    };
    const lanes = well[id] ?? experiment.lanes.map((_, lane) => lane);
    for (const { steps, diagnoses } of (await stored())[id]) {
      const wrong = diagnoses.filter((said) => lanes.includes(Number(said.split(' ')[0])));
      expect(wrong, `${id} at step ${steps}`).toEqual([]);
    }
  });
});
