/**
 * The link: a whole experiment, live interventions included, in the hash of a URL. `v=1` comes first, then the keys
 * of fields.ts in their order, defaults left out:
 *
 *     v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p40:n20,fp16&i=120:1:s:2p18
 */
import { defaultExperiment } from './defaults';
import { shortened, shown } from '../numerics/shown';
import { MAX_LINK_LENGTH } from './bounds';
import type { Experiment } from './experiment';
import { EXPERIMENT_FIELDS, readField, writeFields, type Field } from './fields';
import { decodePart, encodePart, TextError } from './text';
import { message, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'key-without-value': { key: string };
    'key-twice': { key: string };
    'key-unknown': { key: string };
    'version-missing': { version: string };
    'version-unknown': { given: string; known: string };
    'more-notices': { more: number };
    'link-too-long': { length: number; most: number };
  }
}

export interface Notice {
  /** The key of the link it is about, '' where it is about the whole. Text from outside: show it as text only. */
  readonly key: string;
  /** What is wrong; its words name the key. What follows from it is for those to say who read the link. */
  readonly message: Message;
}

export interface ParsedLink {
  readonly experiment: Experiment;
  readonly notices: readonly Notice[];
}

const VERSION = '1';
const VERSION_KEY = 'v';
/** The language in which a page shows the link. It is no part of what the link means. */
const LANGUAGE_KEY = 'lang';
/** A page of complaints helps nobody. */
const MOST_NOTICES = 5;

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
    const key = split < 0 ? part : part.slice(0, split);
    if (split < 0) {
      notices.push({ key: shortened(key), message: message('key-without-value', { key: shown(key) }) });
    } else if (values.has(key)) {
      notices.push({ key: shortened(key), message: message('key-twice', { key: shown(key) }) });
    } else {
      values.set(key, part.slice(split + 1));
    }
  }
  return values;
}

function checkVersion(values: ReadonlyMap<string, string>, notices: Notice[]): void {
  const version = values.get(VERSION_KEY);
  if (version === VERSION || values.size === 0) return;
  const said =
    version === undefined
      ? message('version-missing', { version: `${VERSION_KEY}=${VERSION}` })
      : message('version-unknown', { given: shown(version), known: VERSION });
  notices.push({ key: VERSION_KEY, message: said });
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
  unknown.delete(LANGUAGE_KEY);
  let target = draft;
  for (const field of fields) {
    const text = values.get(field.key);
    unknown.delete(field.key);
    if (text === undefined) continue;
    try {
      target = readField(field, target, decodePart(text));
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      notices.push({ key: field.key, message: error.said });
    }
  }
  for (const key of unknown) {
    notices.push({ key: shortened(key), message: message('key-unknown', { key: shown(key) }) });
  }
  return target;
}

/** The first few, and how many more there are. */
function bounded(notices: readonly Notice[]): readonly Notice[] {
  const more = notices.length - MOST_NOTICES;
  if (more <= 1) return notices;
  return [...notices.slice(0, MOST_NOTICES), { key: '', message: message('more-notices', { more }) }];
}

/** Why a text is too long to be a link; empty where it is not. */
const lengthNotices = ({ length }: string): readonly Notice[] =>
  length <= MAX_LINK_LENGTH
    ? []
    : [{ key: '', message: message('link-too-long', { length, most: MAX_LINK_LENGTH }) }];

/** Reads a link, or its hash with or without `#`, in a time that grows with its length. Never throws. */
export function parse(link: string): ParsedLink {
  const tooLong = lengthNotices(link);
  if (tooLong.length > 0) return { experiment: defaultExperiment(), notices: tooLong };
  const notices: Notice[] = [];
  const values = splitHash(hashOf(link), notices);
  checkVersion(values, notices);
  const experiment = readFields(EXPERIMENT_FIELDS, defaultExperiment(), values, notices);
  return { experiment, notices: bounded(notices) };
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

/**
 * Reads what `serializeFields` wrote. Never throws.
 *
 * @param contradictions what fields that are fine by themselves make of each other, for the notices
 */
export function parseFields<Target>(
  fields: readonly Field<Target>[],
  text: string,
  defaults: Target,
  contradictions: (target: Target) => readonly Notice[],
): { readonly target: Target; readonly notices: readonly Notice[] } {
  const tooLong = lengthNotices(text);
  if (tooLong.length > 0) return { target: defaults, notices: tooLong };
  const notices: Notice[] = [];
  const target = readFields(fields, defaults, splitHash(text, notices), notices);
  return { target, notices: bounded([...notices, ...contradictions(target)]) };
}
