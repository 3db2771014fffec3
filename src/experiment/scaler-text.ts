/** How a loss scaler is written in a link. */
import { shown } from '../numerics/shown';
import { numbersOf, parametersOf, SCALER_KINDS, scalerSettings } from '../training/scalers';
import type { ScalerConfig } from './experiment';
import { scalerProblem } from './schema';
import { numberType, TextError, writeNumber, type TextType } from './text';
import { message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'not-a-scaler': { text: string; known: readonly string[] };
    'no-scaler-field': { kind: string; field: string };
    'scaler-field-twice': { field: string };
  }
}

/** Scalers that a lane's own letters describe, as links from the beginning have them. */
export const HAVE_LETTERS: ReadonlySet<ScalerConfig['kind']> = new Set(['none', 'static', 'dynamic']);

/** A scaler by its kind, and a letter and a value for each number that is not the usual: `deepspeed/i2p20/h1`. */
export const scalerType: TextType<ScalerConfig> = {
  write: (config) => {
    const numbers = numbersOf(config);
    const changed = parametersOf(config.kind).filter(({ name, usual }) => numbers[name] !== usual);
    return [config.kind, ...changed.map(({ name, key }) => key + writeNumber(numbers[name]))].join('/');
  },
  read: (text) => {
    const [named, ...tokens] = text.split('/');
    const kind = SCALER_KINDS.find((known) => known === named && !HAVE_LETTERS.has(known));
    if (kind === undefined)
      throw new TextError(message('not-a-scaler', { text: shown(named), known: SCALER_KINDS }));
    const numbers = new Map<string, number>();
    for (const token of tokens) {
      const parameter = parametersOf(kind).find(({ key }) => key === token.slice(0, 1));
      if (!parameter) throw new TextError(message('no-scaler-field', { kind, field: shown(token) }));
      const { name, key } = parameter;
      if (numbers.has(name)) throw new TextError(message('scaler-field-twice', { field: shown(key) }));
      numbers.set(name, numberType(name, key).read(token.slice(1)));
    }
    const config = scalerSettings(kind, Object.fromEntries(numbers));
    const problem = scalerProblem(config);
    if (problem) throw new TextError(problem);
    return config;
  },
};
