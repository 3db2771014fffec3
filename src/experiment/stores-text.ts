/**
 * How a lane's stores stand in a link, part by part:
 *   w  weights as the operations read them (`bf16`), or a master copy (`m.fp16`)
 *   e  unscaled gradients
 *   y  moments, then what β and ε are rounded to, then `s` for the single-tensor optimizer: `fp16.bf16.s`
 *   z  the update: n nearest, s stochastic, k Kahan; then the format of the update: `k.bf16`
 */
import { FP32_STORES, WEIGHT_UPDATES, type Stores, type WeightUpdate } from '../precision/stores';
import { shown } from '../numerics/shown';
import { formatName } from './schema';
import { check, TextError, type TextType } from './text';
import { message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'too-many-parts': { text: string };
    'not-an-update': { text: string };
  }
}

type PartOf<Name extends keyof Stores> = TextType<Pick<Stores, Name>>;

const format = (name: string, text: string): string => check(formatName(name), text);

const MASTERS = 'm.';

export const weightsType: PartOf<'weights' | 'masters'> = {
  write: ({ weights, masters }) => (masters ? MASTERS : '') + weights,
  read: (text) => {
    const masters = text.startsWith(MASTERS);
    return { weights: format('weights', masters ? text.slice(MASTERS.length) : text), masters };
  },
};

export const gradientsType: PartOf<'gradients'> = {
  write: ({ gradients }) => gradients,
  read: (text) => ({ gradients: format('gradients', text) }),
};

const SINGLE_TENSOR = 's';

export const memoryType: PartOf<'moments' | 'constants' | 'kernel'> = {
  write: ({ moments, constants, kernel }) =>
    [
      moments,
      ...(constants === FP32_STORES.constants ? [] : [constants]),
      ...(kernel === FP32_STORES.kernel ? [] : [SINGLE_TENSOR]),
    ].join('.'),
  read: (text) => {
    const parts = text.split('.');
    const single = parts.length > 1 && parts.at(-1) === SINGLE_TENSOR;
    const [moments, constants = FP32_STORES.constants, ...more] = single ? parts.slice(0, -1) : parts;
    if (more.length > 0) throw new TextError(message('too-many-parts', { text: shown(text) }));
    return {
      moments: format('moments', moments),
      constants: format('constants', constants),
      kernel: single ? 'single-tensor' : 'fused',
    };
  },
};

const UPDATE_TAGS: Readonly<Record<WeightUpdate, string>> = { nearest: 'n', stochastic: 's', kahan: 'k' };

export const updateType: PartOf<'update' | 'updates'> = {
  write: ({ update, updates }) =>
    UPDATE_TAGS[update] + (updates === FP32_STORES.updates ? '' : `.${updates}`),
  read: (text) => {
    const [tag, updates = FP32_STORES.updates, ...more] = text.split('.');
    const update = WEIGHT_UPDATES.find((each) => UPDATE_TAGS[each] === tag);
    if (update === undefined || more.length > 0) {
      throw new TextError(message('not-an-update', { text: shown(text) }));
    }
    return { update, updates: format('updates', updates) };
  },
};
