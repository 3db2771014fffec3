/**
 * Runs an experiment on several backends and demands the same bits: every word of every step's records (losses, scales,
 * found-inf, the counters of every site) and all weights and moments in the end.
 */
import { expect } from 'vitest';
import type { Experiment } from '../experiment/experiment';
import { compile } from '../engine/compile';
import { applyInterventions, stepsUntilEvent } from '../engine/schedule';
import type { ReadFile } from '../tasks/task';
import type { Backend } from '../training/backend';
import { recordWords } from '../graph/records';

interface Run {
  /** Of each step, [lane][recordWords]. */
  readonly steps: readonly Uint32Array[];
  /** Of each parameter and lane. */
  readonly weights: ReadonlyMap<string, Uint32Array>;
}

async function run(experiment: Experiment, steps: number, backend: Backend, read: ReadFile): Promise<Run> {
  const { program } = await compile(experiment, read);
  const { training, lanes } = program;
  const runner = await backend.prepare(program);
  const records: Uint32Array[] = [];
  const length = lanes.length * recordWords(training.sites.length);
  for (let step = 0; step < steps;) {
    applyInterventions(runner, experiment, step);
    const chunk = Math.min(stepsUntilEvent(experiment, step, steps), runner.maxSteps, steps - step);
    const { words } = await runner.run(chunk);
    for (let i = 0; i < chunk; i++) records.push(words.slice(i * length, (i + 1) * length));
    step += chunk;
  }
  const weights = new Map<string, Uint32Array>();
  for (const { master } of training.parameters) {
    for (const lane of lanes.keys()) {
      const values = await runner.read(master.name, lane);
      weights.set(`${master.name} in lane ${lane}`, new Uint32Array(values.buffer));
    }
  }
  runner.destroy();
  return { steps: records, weights };
}

/** @returns the record of every step, about which all backends agree */
export async function expectAgreement(
  experiment: Experiment,
  steps: number,
  [first, ...others]: readonly Backend[],
  read: ReadFile,
): Promise<readonly Uint32Array[]> {
  const expected = await run(experiment, steps, first, read);
  for (const backend of others) {
    const found = await run(experiment, steps, backend, read);
    const differing = expected.steps.findIndex((words, step) =>
      words.some((word, i) => word !== found.steps[step][i]),
    );
    if (differing >= 0) {
      const words = found.steps[differing];
      expect(words, `step ${differing} on ${backend.info.kind}`).toEqual(expected.steps[differing]);
    }
    expect(found.steps).toHaveLength(steps);
    expect(found.weights, `weights on ${backend.info.kind}`).toEqual(expected.weights);
  }
  return expected.steps;
}
