/**
 * The program behind `npm run -s amp -- COMMAND …`: the engine without a page. Ends with 0 when the work is done,
 * with 2 and one line when an argument or file is wrong, with 1 when something else fails.
 */
import { shown } from '../numerics/shown';
import { arithmeticCommand } from './arithmetic';
import { dotCommand } from './dot';
import { messageLine, UsageError } from './errors';
import { replayCommand } from './replay';
import { roundCommand } from './round';
import { runCommand } from './run';
import { scalersCommand } from './scalers';

const COMMANDS: ReadonlyMap<string, (argv: readonly string[]) => Promise<void>> = new Map([
  ['run', runCommand],
  ['replay', replayCommand],
  ['round', roundCommand],
  ['arith', arithmeticCommand],
  ['dot', dotCommand],
  ['scalers', scalersCommand],
]);

async function main([name, ...argv]: readonly string[]): Promise<void> {
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (command === undefined) {
    const commands = [...COMMANDS.keys()].join(', ');
    throw new UsageError(
      name === undefined ? `name a command: ${commands}` : `no command ${shown(name)}; there are ${commands}`,
    );
  }
  await command(argv);
}

try {
  await main(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(0);
} catch (error) {
  console.error(`amp: ${messageLine(error, process.argv)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
