import { errorText } from '../i18n/said';
import { shortened } from '../numerics/shown';

/** A mistake of the caller's: a bad argument or file. The program ends with status 2 and this one line. */
export class UsageError extends Error {}

/** Runs `action`; what it throws is the caller's mistake, told as "<what>: <why>" on one line. */
export async function orUsageError<T>(what: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${what}: ${errorText(error).replace(/\s*\n\s*/g, ' ')}`);
  }
}

/** An argument as long as this is no path that somebody wants to read again. */
const LONG_ARGUMENT = 300;
const LONGEST_MESSAGE = 2000;

/** What an error says, on one line of a bearable length, also where Node repeats a long argument in its own words. */
export function messageLine(error: unknown, argv: readonly string[]): string {
  let line = errorText(error).replace(/\s+/g, ' ');
  for (const argument of argv) {
    if (argument.length > LONG_ARGUMENT) line = line.replaceAll(argument, shortened(argument));
  }
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}
