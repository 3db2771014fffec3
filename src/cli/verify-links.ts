/**
 * The program behind `npm run -s verify:links`: reads a million damaged links as the page and the command line do
 * (hostile-links.ts). Parsing must not throw and must be quick; what was understood must survive being written and
 * read again; a sample is compiled. Ends with 1 when a link breaks any of this, and names the first ones.
 */
import { compile } from '../engine/compile';
import { parse, type ParsedLink } from '../experiment/codec';
import { shown } from '../numerics/shown';
import { positiveInteger, readArguments, unsigned } from './arguments';
import { readDataFile } from './data';
import { messageLine, UsageError } from './errors';
import { hostileLink, problemOfLink } from './hostile-links';

const COMPILED_EVERY = 2000;
/** Milliseconds. The longest links take 50 on a busy machine; what is not linear in the length takes seconds. */
const SLOW = 200;
const TRIES = 5;
const TOLD = 10;

interface Result {
  readonly parsed: ParsedLink;
  readonly milliseconds: number;
}

function timedParse(link: string): Result {
  const start = performance.now();
  const parsed = parse(link);
  return { parsed, milliseconds: performance.now() - start };
}

/** The quickest of several times, where the first was slow. */
function measuredParse(link: string): Result {
  let best = timedParse(link);
  for (let again = 1; again < TRIES && best.milliseconds > SLOW; again++) {
    const next = timedParse(link);
    if (next.milliseconds < best.milliseconds) best = next;
  }
  return best;
}

class Verification {
  failures = 0;
  noticed = 0;
  characters = 0;
  longest = 0;
  parsing = 0;
  slowest = 0;
  compiled = 0;

  async check(index: number): Promise<void> {
    const link = hostileLink(index);
    const problem = await this.#problemOf(index, link);
    this.characters += link.length;
    this.longest = Math.max(this.longest, link.length);
    if (problem === null) return;
    this.failures += 1;
    if (this.failures <= TOLD) console.log(`link ${index} (${shown(link)}): ${problem}`);
  }

  /** Whatever is thrown here was not to be thrown. */
  async #problemOf(index: number, link: string): Promise<string | null> {
    try {
      const { parsed, milliseconds } = measuredParse(link);
      this.parsing += milliseconds;
      this.slowest = Math.max(this.slowest, milliseconds);
      if (parsed.notices.length > 0) this.noticed += 1;
      if (milliseconds > SLOW) return `parsing takes ${milliseconds.toFixed(0)} ms`;
      const problem = problemOfLink(link, parsed);
      if (problem === null && index % COMPILED_EVERY === 0) {
        await compile(parsed.experiment, readDataFile);
        this.compiled += 1;
      }
      return problem;
    } catch (error) {
      return messageLine(error, []);
    }
  }
}

async function verify(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: 'verify:links [--count 1000000] [--seed 0]',
    positionals: [],
    required: [],
    optional: ['count', 'seed'],
  });
  const count = positiveInteger('count', args.option('count') ?? '1000000', 2 ** 31);
  const first = unsigned('seed', args.option('seed') ?? '0');
  const verification = new Verification();
  const start = performance.now();
  for (let index = first; index < first + count; index++) await verification.check(index);
  const seconds = (performance.now() - start) / 1000;
  const { failures, noticed, characters, longest, parsing, slowest, compiled } = verification;
  console.log(
    `${count} links from ${first} on, ${failures} failed: ${noticed} with notices, ${compiled} compiled; ` +
      `${(characters / count).toFixed(0)} characters on average, ${longest} at most; parsing ` +
      `${((1000 * parsing) / count).toFixed(1)} µs on average, ${slowest.toFixed(1)} ms at most; ` +
      `${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} links/s`,
  );
  if (failures > 0) process.exitCode = 1;
}

try {
  await verify(process.argv.slice(2));
} catch (error) {
  console.error(`verify:links: ${messageLine(error, process.argv)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
