/**
 * The link: a whole experiment, live interventions included, in the hash of a URL. `v=1` comes first, then the keys
 * of fields.ts in their order, defaults left out:
 *
 *     v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p40:n20,fp16&i=120:1:s:2p18
 */
import { defaultExperiment } from './defaults';
import type { Experiment } from './experiment';
import { EXPERIMENT_FIELDS, writeFields, type Field } from './fields';
import { decodePart, encodePart, TextError } from './text';

export interface Notice {
  /** The key of the link it is about. Text from outside: show it as text only. */
  readonly key: string;
  /** A sentence for people. */
  readonly message: string;
}

export interface ParsedLink {
  readonly experiment: Experiment;
  readonly notices: readonly Notice[];
}

const VERSION = '1';
const VERSION_KEY = 'v';
const SHOWN_CHARACTERS = 40;

/** The hash of an experiment's link, without the `#`. */
export function serialize(experiment: Experiment): string {
  const fields = writeFields(EXPERIMENT_FIELDS, experiment, defaultExperiment());
  return [{ key: VERSION_KEY, text: VERSION }, ...fields]
    .map(({ key, text }) => `${key}=${encodePart(text)}`)
    .join('&');
}

/** What stands after the `#` of a link; a text without one is the hash itself unless it is an address. */
function hashOf(link: string): string {
  const text = link.trim();
  const start = text.indexOf('#');
  if (start >= 0) return text.slice(start + 1);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? '' : text;
}

/** Splits a hash into keys and values; what is damaged goes into `notices`. */
function splitHash(hash: string, notices: Notice[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of hash.split('&')) {
    if (part === '') continue;
    const split = part.indexOf('=');
    const rawKey = split < 0 ? part : part.slice(0, split);
    const key = rawKey.slice(0, SHOWN_CHARACTERS);
    if (split < 0) {
      notices.push({ key, message: `"${key}" has no value and is ignored` });
    } else if (values.has(rawKey)) {
      notices.push({ key, message: `"${key}" stands in the link more than once; the first one counts` });
    } else {
      values.set(rawKey, part.slice(split + 1));
    }
  }
  return values;
}

function checkVersion(values: ReadonlyMap<string, string>, notices: Notice[]): void {
  const version = values.get(VERSION_KEY);
  if (version === VERSION || values.size === 0) return;
  const message =
    version === undefined
      ? `the link does not say its version and is read as version ${VERSION}`
      : `"${version.slice(0, SHOWN_CHARACTERS)}" is a version this page does not know; the link is read as version ${VERSION}`;
  notices.push({ key: VERSION_KEY, message });
}

/**
 * Reads the fields that `values` names into `draft`, in the order of the table. What is unknown or bad keeps the
 * draft's value and gives one notice that names the key.
 */
function readFields<Target>(
  fields: readonly Field<Target>[],
  draft: Target,
  values: ReadonlyMap<string, string>,
  notices: Notice[],
): Target {
  const unknown = new Set(values.keys());
  unknown.delete(VERSION_KEY);
  let target = draft;
  for (const field of fields) {
    const text = values.get(field.key);
    unknown.delete(field.key);
    if (text === undefined) continue;
    try {
      target = field.read(target, decodePart(text));
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      notices.push({ key: field.key, message: error.message });
    }
  }
  for (const rawKey of unknown) {
    const key = rawKey.slice(0, SHOWN_CHARACTERS);
    notices.push({ key, message: `"${key}" is not a key of a link and is ignored` });
  }
  return target;
}

/** Reads a link, or its hash with or without `#`. Never throws. */
export function parse(link: string): ParsedLink {
  const notices: Notice[] = [];
  const values = splitHash(hashOf(link), notices);
  checkVersion(values, notices);
  return { experiment: readFields(EXPERIMENT_FIELDS, defaultExperiment(), values, notices), notices };
}

/** The state of a page with a table of its own, as it stands in the hash behind the page's word. */
export const serializeFields = <Target>(
  fields: readonly Field<Target>[],
  target: Target,
  defaults: Target,
): string =>
  writeFields(fields, target, defaults)
    .map(({ key, text }) => `&${key}=${encodePart(text)}`)
    .join('');

/** Reads what `serializeFields` wrote. Never throws. */
export function parseFields<Target>(
  fields: readonly Field<Target>[],
  text: string,
  defaults: Target,
): { readonly target: Target; readonly notices: readonly Notice[] } {
  const notices: Notice[] = [];
  return { target: readFields(fields, defaults, splitHash(text, notices), notices), notices };
}
