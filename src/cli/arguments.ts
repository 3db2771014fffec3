/** Reading and checking of command-line arguments; every complaint is a UsageError. */
import { parseArgs } from 'node:util';
import { shown } from '../numerics/shown';
import { UsageError } from './errors';

/** What one command accepts. Every option takes a value. */
export interface CommandSyntax {
  readonly usage: string;
  /** Names of positional arguments, all required. */
  readonly positionals: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export interface Arguments {
  positional(name: string): string;
  /** @throws {UsageError} when a required option is missing; optional ones give undefined. */
  option(name: string): string | undefined;
  required(name: string): string;
}

export function readArguments(argv: readonly string[], syntax: CommandSyntax): Arguments {
  const names = [...syntax.required, ...syntax.optional];
  const complain = (message: string): never => {
    throw new UsageError(`${message}; usage: ${syntax.usage}`);
  };
  let parsed: { values: Record<string, string | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    });
  } catch (error) {
    return complain(error instanceof Error ? error.message.split('. ')[0] : String(error));
  }
  const { values, positionals } = parsed;
  if (positionals.length > syntax.positionals.length) {
    complain(`unexpected argument ${shown(positionals[syntax.positionals.length])}`);
  }
  const missing =
    syntax.positionals[positionals.length] ??
    syntax.required.filter((name) => values[name] === undefined).map((name) => `--${name}`)[0];
  if (missing !== undefined) complain(`${missing} is missing`);
  return {
    positional: (name) => positionals[syntax.positionals.indexOf(name)],
    option: (name) => values[name],
    required: (name) => values[name] ?? complain(`--${name} is missing`),
  };
}

/** A whole number of at least 1. */
export function positiveInteger(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > maximum) {
    throw new UsageError(`--${name} must be a whole number from 1 to ${maximum}, not ${shown(text)}`);
  }
  return value;
}

/** A whole number that fits into 32 bits. */
export function unsigned(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw new UsageError(`--${name} must be a whole number from 0 to 4294967295, not ${shown(text)}`);
  }
  return value;
}

/** One of a fixed set of words. */
export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw new UsageError(`--${name} must be ${choices.join(' or ')}, not ${shown(text)}`);
  }
  return choice;
}
