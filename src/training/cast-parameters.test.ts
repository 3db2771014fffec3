import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { plan as makePlan } from '../graph/plan';
import { COUNTER, COUNTER_WORDS, HEADER_WORDS, recordWords } from '../graph/records';
import { FORMATS } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';
import { adversarial, gaussian } from '../testing/inputs';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import { castParameters } from './cast-parameters';
import { refusal } from '../testing/said';

const SHAPES = [[5, 7], [5], [1, 3], [40, 33], [1]];
const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.e4m3fn];

function build(shapes: readonly (readonly number[])[]): GraphBuilder {
  const builder = new GraphBuilder();
  shapes.forEach((shape, i) =>
    builder.parameter(`layer ${i}`, 'weight', shape, { kind: 'constant', value: 1 }, 'low'),
  );
  castParameters(builder);
  return builder;
}

describe('castParameters', () => {
  test.each([
    ['ordinary values', gaussian],
    ['values of any kind', adversarial],
  ])('rounds and counts each parameter at its site, bit for bit on WebGPU: %s', async (_, values) => {
    const plan = makePlan(build(SHAPES));
    // Pads hold garbage, which must not come through.
    const parameters = values(LANES.length * plan.arenaStride, 1);
    const { buffers, records } = await compareBackends({
      plan,
      settings: LANES.map(() => DEFAULT_SETTINGS),
      formats: LANES.map((format) => plan.sites.map((_site, id) => (id === 1 ? FORMATS.bf16 : format))),
      buffers: new Map([['parameters', parameters]]),
    });
    const casts = buffers.get('casts')!;
    for (const { master, castSite } of plan.parameters) {
      const { offset, rows, columns, rowStride } = plan.view(master);
      LANES.forEach((format, lane) => {
        let zeros = 0;
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < rowStride; column++) {
            const at = lane * plan.arenaStride + offset + row * rowStride + column;
            const real = column < columns;
            const rounded = roundToFormat(parameters[at], castSite.id === 1 ? FORMATS.bf16 : format);
            expect(casts[at]).toBe(real ? rounded : 0);
            if (real && parameters[at] === 0) zeros++;
          }
        }
        const at = lane * recordWords(plan.sites.length) + HEADER_WORDS + castSite.id * COUNTER_WORDS;
        expect(records[at + COUNTER.zeroBefore]).toBe(zeros);
      });
    }
  });

  test('takes 64 parameters', async () => {
    const plan = makePlan(build(Array.from({ length: 64 }, (_, i) => [1 + (i % 5), 3 + i])));
    await compareBackends({
      plan,
      settings: [DEFAULT_SETTINGS],
      formats: [plan.sites.map(() => FORMATS.fp16)],
      buffers: new Map([['parameters', gaussian(plan.arenaStride, 1)]]),
    });
  });

  test('says what is wrong with more', () => {
    expect(refusal(() => build(Array.from({ length: 65 }, () => [1])))).toContain(
      '65 weight and bias tensors; 64',
    );
  });
});
