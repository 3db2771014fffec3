/** Runs of whole experiments on the CPU with what the analysis finds, for tests of its sentences. */
import { messageText } from '../i18n/said';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Diagnoser, type LaneFacts } from '../analysis/diagnosis/diagnoser';
import type { DiagnosisSpell } from '../analysis/diagnosis/diagnosis';
import { createDigester, digestedLanes } from '../analysis/digest';
import { createWasmBackend } from '../backends/wasm';
import { compile, siteInfos } from '../engine/compile';
import { PendingFrame } from '../engine/frames';
import { applyInterventions, stepsUntilEvent } from '../engine/schedule';
import { parse } from '../experiment/codec';
import type { Experiment } from '../experiment/experiment';
import { diagnosisText } from '../i18n/diagnosis';

/** What is known after so many steps. */
export interface Checkpoint {
  readonly steps: number;
  readonly lanes: readonly LaneFacts[];
  /** What stands: `1 underflow`. */
  readonly diagnoses: readonly string[];
}

const said = ({ lane, diagnosis }: DiagnosisSpell): string => `${lane} ${diagnosis.code}`;

/** Runs to the last of some steps, ascending, and looks at each of them. */
export async function runDiagnosed(
  experiment: Experiment,
  at: readonly number[],
): Promise<{ readonly checkpoints: readonly Checkpoint[]; readonly spells: readonly DiagnosisSpell[] }> {
  const { program } = await compile(experiment, (path) => readFile(join('public', path)));
  const runner = await (await createWasmBackend()).prepare(program);
  const sites = siteInfos(program);
  const diagnoser = new Diagnoser(experiment, sites);
  const digest = createDigester(sites, digestedLanes(experiment));
  const checkpoints: Checkpoint[] = [];
  let step = 0;
  for (const end of at) {
    while (step < end) {
      applyInterventions(runner, experiment, step);
      const steps = Math.min(end - step, runner.maxSteps, stepsUntilEvent(experiment, step, runner.maxSteps));
      const frame = new PendingFrame('loss');
      frame.addRecords(await runner.run(steps));
      diagnoser.append(digest(frame.take(0, step)));
      step += steps;
    }
    checkpoints.push({ steps: end, lanes: diagnoser.facts, diagnoses: diagnoser.standing.map(said) });
  }
  runner.destroy();
  return { checkpoints, spells: diagnoser.spells };
}

/** What was said about the lanes of a link within so many steps. */
export async function saidOf(link: string, steps: number) {
  const { experiment, notices } = parse(link);
  if (notices.length > 0) throw new Error(`${link}: ${messageText(notices[0].message)}`);
  const { spells } = await runDiagnosed(experiment, [steps]);
  return spells.map(({ lane, diagnosis, from, to }) => ({
    lane,
    code: diagnosis.code,
    values: diagnosis.values,
    text: diagnosisText(diagnosis),
    from,
    to,
  }));
}
