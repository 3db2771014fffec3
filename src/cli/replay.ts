/** `amp replay`: runs a golden run (schema mp-oracle/run/1) and writes what came out, to be compared from outside. */
import { goldenProgram, parseGolden } from './golden';
import { replayGolden } from './replay-golden';
import { oneOf, readArguments } from './arguments';
import { openBackend, TRAINING_BACKENDS } from './backend';
import { orUsageError } from './errors';
import { readJson, writeJson } from './files';

export async function replayCommand(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: 'amp replay golden.json --backend cpu|wasm|webgpu --out out.json',
    positionals: ['golden.json'],
    required: ['backend', 'out'],
    optional: [],
  });
  const path = args.positional('golden.json');
  const kind = oneOf('backend', args.required('backend'), TRAINING_BACKENDS);
  const json = await readJson(path);
  const golden = await orUsageError(path, () => parseGolden(json));
  const program = await orUsageError(path, () => goldenProgram(golden));
  const backend = await openBackend(kind);
  await writeJson(args.required('out'), await replayGolden(golden, program, backend));
  backend.destroy();
}
