/** `amp run`: runs an experiment given as link, hash or JSON file, and writes its record (amp-playground/run/1). */
import { existsSync } from 'node:fs';
import { readDataFile } from './data';
import { Diagnoses } from './diagnoses';
import { messageText } from '../i18n/said';
import { runExperiment } from './report';
import { parse } from '../experiment/codec';
import type { Experiment } from '../experiment/experiment';
import { parseExperiment } from '../experiment/schema';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { openBackend, TRAINING_BACKENDS } from './backend';
import { orUsageError, UsageError } from './errors';
import { readJson, writeJson } from './files';

/** More steps than this do not fit into one JSON file. */
const MAX_STEPS = 1_000_000;

/** A file if there is one of that name, otherwise a link or hash; a damaged one is an error here, not a notice. */
async function readExperiment(source: string): Promise<Experiment> {
  if (source.endsWith('.json') || existsSync(source)) {
    const json = await readJson(source);
    return orUsageError(source, () => parseExperiment(json));
  }
  const { experiment, notices } = parse(source);
  if (notices.length > 0) {
    throw new UsageError(
      `the link is damaged: ${notices.map(({ message }) => messageText(message)).join('; ')}`,
    );
  }
  return experiment;
}

export async function runCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: "amp run '<link, hash or file.json>' --steps 200 --backend cpu|wasm|webgpu --out run.json",
    positionals: ['link'],
    required: ['steps', 'backend', 'out'],
    optional: [],
  });
  const experiment = await readExperiment(args.positional('link'));
  const steps = positiveInteger('steps', args.required('steps'), MAX_STEPS);
  const backend = await openBackend(oneOf('backend', args.required('backend'), TRAINING_BACKENDS));
  const diagnoses = new Diagnoses(experiment);
  const report = await runExperiment(experiment, steps, backend, readDataFile, diagnoses.observe);
  await writeJson(args.required('out'), diagnoses.addTo(report));
  backend.destroy();
}
