/**
 * Links that nobody meant: good ones, damaged at random in the ways in which links are damaged or forged. The same
 * number gives the same link everywhere, so a link that breaks something can be named.
 */
import { laneNames } from '../i18n/lane-names';
import { messageText } from '../i18n/said';
import { parse, serialize, type ParsedLink } from '../experiment/codec';
import { PRESETS } from '../experiment/presets';
import { parseExperiment } from '../experiment/schema';

const GOOD_LINKS: readonly string[] = [
  ...PRESETS.map(({ experiment }) => serialize(experiment)),
  '',
  'https://example.org/a/?b=c#v=1&task=linear&seed=12',
  'v=1&task=spirals&b=32&opt=sgd&lr=0.05&mom=0.9&lanes=bf16:s2p12:l1e-7:r9,e4m3fn:be5m2:~my_lane&i=0:all:lam:-4,120:0:s:3',
  'v=1&task=digits-cnn&seed=4294967295&opt=adam&lr=1e-3&b1=0.5&b2=0.99&eps=2p-20&lanes=fp32,fp16:d',
  'v=1&lanes=fp16:mstochastic:k4:uflush,bf16:mtoward-zero:achunked.32.format,e4m3fn:be5m2:atensor-core.h100/128',
  'v=1&lanes=fp16_sat_ftz,e6m9_ftz,fp16:aTensor-Core.GH200/64,e5m10:akahan.format,fp16:d:x1.5:f0.25:n7:l0.5:r3:~50_%25~2c_a',
  'v=1&lanes=fp16:gkeras,fp16:gdeepspeed/i2p20/h3/c1:l0.5,bf16:gfairseq/t0.25/p2&i=7:1:l:4,9:1:h:2',
  'v=1&lanes=fp32:d,fp16:d&i=30:all:x:4,30:all:f:0.5,20:1:n:5,20:0:lr:0.1,20:0:s:2^10,20:1:lam:-30',
];

/** What is put into links: names that every object inherits, keys, values at and beyond bounds, pieces of escapes. */
const WORDS: readonly string[] = [
  // These several times: every forger tries them first.
  '__proto__ constructor toString hasOwnProperty valueOf prototype __defineGetter__ __proto__ constructor constructor',
  'v task b seed opt lr mom b1 b2 eps lam lanes i all lab trust',
  'fp32 fp16 bf16 tf32 e4m3fn e5m2_sat e2m1fn e8m23 e2m0 e9m99 _ftz _sat',
  'format format-fma chunked. pairwise kahan tensor-core. fp16:atensor-core. h100 l40s /128',
  'stochastic nearest-even up flush keep sgd adam spirals digits-mlp linear',
  '0 -0 -1 1e999 1e-999 NaN Infinity 2p 2p126 2^-127 2p-999 0x10 .5 5. 4294967296 10000001 1. - +1 1e+3',
  '٣ １ ½ 1_000 1,5 % %2 %25 %00 %0A %E0%A4 %F0%9F%98%80 %ED%A0%80 %2C %3A %26 %3D %23',
  '~ ~2c ~00 ~zz ~7e _ . : , ; & = && == # ? / \\ + <img/src=x/onerror=alert(1)> javascript:alert(1)',
  '${1} \' " {{items}} \u202e \ud800 \0 λ 😀 ﬀ \u0301 http:// file:///etc/passwd ../..',
].flatMap((line) => line.split(' '));
const PIECES: readonly string[] = [
  ...WORDS,
  ' ',
  '\n',
  '\r\n',
  '\t',
  '\ufeff',
  '9'.repeat(400),
  '1'.repeat(3000),
];

/** A small generator of random numbers (mulberry32), enough to choose what to damage. */
class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** Something to put into a link: mostly one piece, sometimes two that make a whole. */
  piece(): string {
    return this.below(4) === 0 ? this.of(PIECES) + this.of(PIECES) : this.of(PIECES);
  }

  /** Two places of a text in order, most often near each other. */
  stretch(text: string): [number, number] {
    const from = this.below(text.length + 1);
    const longest = this.below(8) === 0 ? text.length - from : Math.min(text.length - from, 8);
    return [from, from + this.below(longest + 1)];
  }
}

type Mutation = (link: string, choices: Choices) => string;

const replaced = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to);

const SEPARATORS = ['&', '=', ',', ':', '.'];

/** Puts something else for one of the parts between separators. */
const otherPart: Mutation = (link, choices) => {
  const separator = choices.of(SEPARATORS);
  const parts = link.split(separator);
  const at = choices.below(parts.length);
  const by = choices.below(2) === 0 ? choices.piece() : choices.of(parts);
  return [...parts.slice(0, at), by, ...parts.slice(at + 1)].join(separator);
};

const MUTATIONS: readonly Mutation[] = [
  otherPart,
  otherPart,
  (link, choices) => replaced(link, ...choices.stretch(link), ''),
  (link, choices) => replaced(link, ...choices.stretch(link), choices.piece()),
  (link, choices) => {
    const at = choices.below(link.length + 1);
    return replaced(link, at, at, choices.piece());
  },
  (link, choices) => replaced(link, ...choices.stretch(link), String.fromCharCode(choices.below(0x250))),
  (link, choices) => {
    const [from, to] = choices.stretch(link);
    const times = choices.below(20) === 0 ? 300 : 2;
    return replaced(link, from, to, link.slice(from, to).repeat(times));
  },
  (link, choices) => link.slice(0, choices.below(link.length + 1)),
  (link, choices) => {
    const other = choices.of(GOOD_LINKS);
    return link.slice(0, choices.below(link.length + 1)) + other.slice(choices.below(other.length + 1));
  },
  (link, choices) => `${link}&${choices.piece()}=${choices.piece()}`,
  (link, choices) => {
    const [from, to] = choices.stretch(link);
    const escaped = link.slice(from, to).replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`);
    return replaced(link, from, to, escaped);
  },
  (link, choices) => {
    const [from, to] = choices.stretch(link);
    return replaced(link, from, to, link.slice(from, to).toUpperCase());
  },
];

const MOST_MUTATIONS = 6;

/** Link number `index`: one of `good`, damaged one to six times. */
export function hostileLink(index: number, good: readonly string[] = GOOD_LINKS): string {
  const choices = new Choices(index);
  let link = choices.of(good);
  for (let times = 1 + choices.below(MOST_MUTATIONS); times > 0; times--) {
    link = choices.of(MUTATIONS)(link, choices);
  }
  return link;
}

/** A notice fits on a screen. */
const LONGEST_NOTICES = 2500;

/** What is wrong with how a link was read, or null. @throws whatever the codec throws, which it must not */
export function problemOfLink(
  link: string,
  { experiment, notices }: ParsedLink = parse(link),
): string | null {
  const length = notices.reduce((sum, { key, message }) => sum + key.length + messageText(message).length, 0);
  if (length > LONGEST_NOTICES) return `its notices have ${length} characters`;
  const written = serialize(experiment);
  const again = parse(written);
  if (again.notices.length > 0)
    return `what it is written as is refused: ${messageText(again.notices[0].message)}`;
  const [meant, read] = [experiment, again.experiment].map((each) => JSON.stringify(each));
  if (read !== meant) return `it is written as ${written}, which means something else`;
  if (JSON.stringify(parseExperiment(JSON.parse(meant))) !== meant) return 'its JSON means something else';
  const names = laneNames(experiment);
  return new Set(names).size === names.length ? null : 'two of its lanes have the same name';
}
