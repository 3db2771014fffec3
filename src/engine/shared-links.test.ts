/**
 * What links meant when they were shared, they mean for good: 44 of all kinds, recorded in November 2026 before sites and
 * scalers were rebuilt. Losses, scales, found-inf and weights are compared bit for bit, and the counters of every site
 * that existed then. `npm run record-links` adds the runs of links that have none; what is recorded is never changed.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWasmBackend } from '../backends/wasm';
import { parse } from '../experiment/codec';
import { readPublic } from '../testing/data-files';
import { runExperiment, type LaneReport } from '../cli/report';
import { SHARED_LINKS } from './testdata/shared-links';

const FILE = join(import.meta.dirname, 'testdata/shared-links.json');
const recording = import.meta.env.MODE === 'links';

interface RecordedLane {
  readonly skippedSteps: number;
  readonly weightsSha256: string;
  /** Over loss, scale and found-inf of every step, and the evaluations. */
  readonly stepsSha256: string;
  /** Over what each site counted in every step. */
  readonly sites: Readonly<Record<string, string>>;
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

function condensed(lane: LaneReport): RecordedLane {
  const { loss, scale, foundInf, accuracy, heldOutLoss, skippedSteps, weightsSha256, sites } = lane;
  const counted = Object.entries(sites).map(([name, { zeroBefore, underflow, subnormal, overflow, nan }]) => [
    name,
    sha256([zeroBefore, underflow, subnormal, overflow, nan]).slice(0, 16),
  ]);
  return {
    skippedSteps,
    weightsSha256,
    stepsSha256: sha256([loss, scale, foundInf, accuracy, heldOutLoss]),
    sites: Object.fromEntries(counted) as Record<string, string>,
  };
}

async function run(link: string, steps: number): Promise<RecordedLane[]> {
  const backend = await createWasmBackend();
  const { lanes } = await runExperiment(parse(link).experiment, steps, backend, readPublic);
  backend.destroy();
  return lanes.map(condensed);
}

const stored = async (): Promise<Record<string, RecordedLane[]>> =>
  JSON.parse(await readFile(FILE, 'utf8')) as Record<string, RecordedLane[]>;

test.runIf(recording)('record', { timeout: 3_600_000 }, async () => {
  const known = await stored().catch(() => ({}) as Record<string, RecordedLane[]>);
  const runs: Record<string, RecordedLane[]> = {};
  for (const { link, steps } of SHARED_LINKS) runs[link] = known[link] ?? (await run(link, steps));
  await expect(`${JSON.stringify(runs, null, 1)}\n`).toMatchFileSnapshot(FILE);
});

describe.skipIf(recording)('links that were shared', () => {
  test.each(SHARED_LINKS)('$link', { timeout: 60_000 }, async ({ link, steps }) => {
    const known = (await stored())[link];
    const found = await run(link, steps);
    expect(found).toMatchObject(known);
    expect(found).toHaveLength(known.length);
  });
});
