/**
 * The program behind `npm run -s amp -- COMMAND …`: the engine without a page. Ends with 0 when the work is done,
 * with 2 and one line when an argument or file is wrong, with 1 when something else fails.
 */
import { arithmeticCommand } from './arithmetic';
import { dotCommand } from './dot';
import { UsageError } from './errors';
import { replayCommand } from './replay';
import { roundCommand } from './round';
import { runCommand } from './run';

const COMMANDS: Record<string, (argv: readonly string[]) => Promise<void>> = {
  run: runCommand,
  replay: replayCommand,
  round: roundCommand,
  arith: arithmeticCommand,
  dot: dotCommand,
};

async function main([name, ...argv]: readonly string[]): Promise<void> {
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) {
    const commands = Object.keys(COMMANDS).join(', ');
    throw new UsageError(
      name === undefined ? `name a command: ${commands}` : `no command '${name}'; there are ${commands}`,
    );
  }
  await command(argv);
}

try {
  await main(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`amp: ${message.replace(/\s*\n\s*/g, ' ')}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
