import { describe, expect, test } from 'vitest';
import { decode } from '../numerics/codes';
import { FORMATS, parseFormat } from '../numerics/formats';
import { classify } from '../numerics/round';
import { factsOf } from './format-facts';

const SMALL = Object.values(FORMATS).filter(({ storageBits }) => storageBits <= 16);

describe('facts of formats', () => {
  test.each(SMALL.map((format) => [format.name, format] as const))(
    'every code of %s is counted once',
    (_, format) => {
      const values = new Set<number>();
      const count = { infinity: 0, nan: 0 };
      for (let code = 0; code < 2 ** format.storageBits; code++) {
        const bits = decode(code, format);
        const kind = classify(bits, format);
        if (kind === 'infinity' || kind === 'nan') count[kind] += 1;
        else values.add(kind === 'zero' ? 0 : bits);
      }
      const facts = factsOf(format);
      expect(facts.finiteValues).toBe(values.size);
      expect(facts.infinities).toBe(count.infinity);
      expect(facts.nanCodes).toBe(count.nan);
    },
  );

  test('the ranges of FP16', () => {
    expect(factsOf(FORMATS.fp16)).toMatchObject({ lowest: -24, lowestNormal: -14, precision: 11 });
    expect(factsOf(FORMATS.fp16).highest).toBeCloseTo(16, 2);
    expect(factsOf(parseFormat('fp32')).finiteValues).toBe(2 ** 32 - 2 ** 24 - 1);
  });
});
