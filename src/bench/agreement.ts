/** Whether a backend gives the bits of the reference on this device: a short check, for machines without the tests. */
import { compile } from '../engine/compile';
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from '../experiment/defaults';
import type { TaskId } from '../experiment/experiment';
import type { ReadFile } from '../tasks/task';
import type { Backend } from '../training/backend';
import type { Program } from '../training/program';

export interface Agreement {
  readonly task: TaskId;
  readonly steps: number;
  /** Words that were compared: all records of all steps, and all weights in the end. */
  readonly words: number;
  readonly differing: number;
}

const LANES = [lane('fp32'), lane('fp16', { scaler: DEFAULT_DYNAMIC }), lane('bf16')];

/** Everything that a run leaves: the records of its steps, then every lane's parameters. */
async function bitsOf(program: Program, steps: number, backend: Backend): Promise<readonly Uint32Array[]> {
  const runner = await backend.prepare(program);
  const bits: Uint32Array[] = [];
  for (let done = 0; done < steps; done += runner.maxSteps) {
    const { words } = await runner.run(Math.min(runner.maxSteps, steps - done));
    bits.push(words);
  }
  for (const { master } of program.training.parameters) {
    for (const index of program.lanes.keys()) {
      const values = await runner.read(master.name, index);
      bits.push(new Uint32Array(values.buffer, values.byteOffset, values.length));
    }
  }
  runner.destroy();
  return bits;
}

/** Backends hand records back in portions of their own, so only the sequence of all words counts. */
function* wordsOf(bits: readonly Uint32Array[]): Generator<number> {
  for (const words of bits) yield* words;
}

export async function checkAgreement(
  task: TaskId,
  steps: number,
  { reference, backend, readFile }: { reference: Backend; backend: Backend; readFile: ReadFile },
): Promise<Agreement> {
  const { program } = await compile({ ...defaultExperiment(task), lanes: LANES }, readFile);
  const expected = Uint32Array.from(wordsOf(await bitsOf(program, steps, reference)));
  const found = Uint32Array.from(wordsOf(await bitsOf(program, steps, backend)));
  const missing = Math.abs(expected.length - found.length);
  const differing = expected.reduce(
    (sum, word, i) => sum + (i < found.length && word !== found[i] ? 1 : 0),
    missing,
  );
  return { task, steps, words: expected.length, differing };
}
