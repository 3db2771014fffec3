import { afterEach, expect, test } from 'vitest';
import { checkAgreement } from './agreement';
import { createCpuBackend } from '../backends/cpu';
import type { Backend } from '../training/backend';
import { Bench, experimentOf } from './measure';
import { parsePeerList } from './peers';
import { figure, rowsTable } from './table';
import { takeTurns } from './rounds';

const noFiles = (path: string): Promise<Uint8Array> => Promise.reject(new Error(`${path} is not needed`));

const bench = new Bench({ gpu: async () => undefined, readFile: noFiles });
afterEach(() => bench.clear());

test('trains what it was asked for, and says how long', async () => {
  const training = { backend: 'cpu', counting: true, task: 'linear', lanes: 2, optimizer: 'adam' } as const;
  const { id, ...setup } = await bench.prepare(training, 0.02);
  const subject = { who: 'cpu', task: 'linear', lanes: 2, counting: true } as const;
  const { rows } = await takeTurns([{ subject, setup, measure: () => bench.measure(id) }], {
    rounds: 2,
    clock: () => ({ own: null, machine: null }),
    patience: 10,
  });
  expect(rows[0].rounds.map(({ steps }) => steps)).toEqual([
    rows[0].rounds[0].steps,
    rows[0].rounds[0].steps,
  ]);
  expect(rows[0].rounds[0].steps).toBeGreaterThan(0);
  expect(rows[0].rounds[0].seconds).toBeGreaterThan(0);
  const [heading, line] = rowsTable(rows);
  expect(heading).toMatch(/^linear +lanes +steps\/s/);
  expect(line).toMatch(/^cpu +2 +[\d.]+ .*1\.00 +–$/);
});

test('says why a backend cannot be opened', async () => {
  const training = { backend: 'webgpu', counting: true, task: 'linear', lanes: 1, optimizer: 'own' } as const;
  await expect(bench.prepare(training, 0.02)).rejects.toThrow('webgpu-missing');
});

test('lanes take turns between FP32 and FP16 with a scaler; one lane is FP32', () => {
  const formats = (lanes: number): string[] =>
    experimentOf('spirals', lanes, 'own').lanes.map(({ format }) => format);
  expect(formats(1)).toEqual(['fp32']);
  expect(formats(3)).toEqual(['fp32', 'fp16', 'fp32']);
});

/** A backend that computes what another one does, but for one bit of one record. */
const wrongBy = (bit: number): Backend => {
  const cpu = createCpuBackend();
  return {
    ...cpu,
    prepare: async (program) => {
      const runner = await cpu.prepare(program);
      const honest = runner.run.bind(runner);
      runner.run = async (steps) => {
        const records = await honest(steps);
        records.words[5] ^= bit;
        return records;
      };
      return runner;
    },
  };
};

test.each([
  [0, 0],
  [1, 1],
])('agreement: a difference of %i in the bits is %i words', async (bit, differing) => {
  const sides = { reference: createCpuBackend(), backend: wrongBy(bit), readFile: noFiles };
  const found = await checkAgreement('linear', 3, sides);
  expect(found).toMatchObject({ task: 'linear', steps: 3, differing });
  expect(found.words).toBeGreaterThan(100);
});

test('the list of peers: a name and its workloads a line', () => {
  expect(parsePeerList('js-hand               W1 W2\ntfjs-wasm  W4\n\n')).toEqual(
    new Map([
      ['js-hand', ['W1', 'W2']],
      ['tfjs-wasm', ['W4']],
    ]),
  );
});

test.each([
  [1234.5, '1235'],
  [0.05678, '0.0568'],
  [9.999, '10.00'],
  [0, '0'],
  [null, '–'],
])('the figure %j is written %s', (value, text) => {
  expect(figure(value)).toBe(text);
});
