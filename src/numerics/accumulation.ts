/**
 * How the products of a dot product are added up: a choice of arithmetic like the number format, and as visible. What
 * the choices compute is in `accumulators.ts`, what they come down to for given formats in `accumulation-procedures.ts`.
 */

import { parseTensorCore } from './gpus';
import { shown } from './shown';
import type { TensorCoreModel } from './tensor-core';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'accumulation-unknown': { name: string };
    'chunk-length': { text: string; most: number };
    'promotion-interval': { text: string; step: number; most: number };
  }
}

/**
 * One way to compute c + a_0 b_0 + a_1 b_1 + ... `inFormat` says whether products and sums are rounded to the
 * output's format at every step or kept in binary32.
 * - `fp32`: in order, every product and every sum rounded to binary32.
 * - `format`: the same, rounded to the format: acc = round(acc + round(a b)).
 * - `format-fma`: acc = round(acc + a b), one rounding.
 * - `chunked`: each `length` consecutive products are added up from zero, and these sums in order.
 * - `pairwise`: neighbours are added, then neighbouring sums, as in a binary tree; c last.
 * - `kahan`: in order, with a second number that carries what the sum has lost (Kahan 1965).
 * - `tensor-core`: as that GPU does it; with `promotion`, the tensor core starts from zero every so many terms and
 *   its sums are added in binary32 (DeepSeek-V3, arXiv 2412.19437, 3.3.2, promotes FP8 every 128).
 */
export type Accumulation =
  | { readonly kind: 'fp32' }
  | { readonly kind: 'format' }
  | { readonly kind: 'format-fma' }
  | { readonly kind: 'chunked'; readonly length: number; readonly inFormat: boolean }
  | { readonly kind: 'pairwise'; readonly inFormat: boolean }
  | { readonly kind: 'kahan'; readonly inFormat: boolean }
  | { readonly kind: 'tensor-core'; readonly model: TensorCoreModel; readonly promotion: number | null };

/** Chunks and promotion intervals go up to here. */
const MAX_LENGTH = 65_536;
/** Tensor cores add at most 32 products at once, and a promotion interval consists of whole blocks. */
const PROMOTION_STEP = 32;

/** A multiple of `step` from there on; null for another text. */
function parseLength(text: string, step: number): number | null {
  const length = Number(text);
  const fits = /^\d+$/.test(text) && length >= step && length <= MAX_LENGTH && length % step === 0;
  return fits ? length : null;
}

/** @throws {MessageError} */
function parsePromotion(text: string): number {
  const promotion = parseLength(text, PROMOTION_STEP);
  if (promotion !== null) return promotion;
  const values = { text: shown(text), step: PROMOTION_STEP, most: MAX_LENGTH };
  throw new MessageError(message('promotion-interval', values));
}

/** @throws {MessageError} */
function parseChunk(text: string): number {
  const length = parseLength(text, 1);
  if (length !== null) return length;
  throw new MessageError(message('chunk-length', { text: shown(text), most: MAX_LENGTH }));
}

function parseTensorCoreAccumulation(text: string): Accumulation {
  const slash = text.indexOf('/');
  const model = parseTensorCore(slash < 0 ? text : text.slice(0, slash));
  const promotion = slash < 0 ? null : parsePromotion(text.slice(slash + 1));
  return { kind: 'tensor-core', model, promotion };
}

/**
 * The accumulation called `text`, in upper or lower case: `fp32`, `format`, `format-fma`, `chunked:32`, `pairwise`,
 * `kahan`, `chunked:32:format`, `pairwise:format`, `kahan:format`, `tensor-core:h100`, `tensor-core:h100/128`.
 *
 * @throws {MessageError}
 */
export function parseAccumulation(text: string): Accumulation {
  const [kind, ...rest] = text.toLowerCase().split(':');
  if (kind === 'tensor-core' && rest.length === 1) return parseTensorCoreAccumulation(rest[0]);
  if ((kind === 'fp32' || kind === 'format' || kind === 'format-fma') && rest.length === 0) return { kind };
  const inFormat = rest.at(-1) === 'format';
  const parameters = inFormat ? rest.slice(0, -1) : rest;
  if (kind === 'chunked' && parameters.length === 1) {
    return { kind, length: parseChunk(parameters[0]), inFormat };
  }
  if ((kind === 'pairwise' || kind === 'kahan') && parameters.length === 0) return { kind, inFormat };
  throw new MessageError(message('accumulation-unknown', { name: shown(text) }));
}

/** The text that `parseAccumulation` turns into `accumulation`. */
export function accumulationName(accumulation: Accumulation): string {
  switch (accumulation.kind) {
    case 'fp32':
    case 'format':
    case 'format-fma':
      return accumulation.kind;
    case 'chunked':
      return `chunked:${accumulation.length}${accumulation.inFormat ? ':format' : ''}`;
    case 'pairwise':
    case 'kahan':
      return `${accumulation.kind}${accumulation.inFormat ? ':format' : ''}`;
    case 'tensor-core': {
      const { model, promotion } = accumulation;
      return `tensor-core:${model}${promotion === null ? '' : `/${promotion}`}`;
    }
  }
}
