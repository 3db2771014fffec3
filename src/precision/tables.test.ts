import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseFormat } from '../numerics/formats';
import { AUTOCASTS, autocastNamed } from '.';
import { classOf, type AutocastClass } from './table';

interface Registrations {
  readonly AutocastCPU: readonly string[];
  readonly AutocastCUDA: readonly string[];
}

const registered = JSON.parse(
  readFileSync(new URL('testdata/torch-autocast.json', import.meta.url), 'utf8'),
) as Registrations;

test.each([
  ['pytorch', registered.AutocastCUDA],
  ['pytorch-cpu', registered.AutocastCPU],
] as const)('%s lists exactly what PyTorch registers', (id, names) => {
  const { lists, banned = [] } = autocastNamed(id);
  const listed = [...Object.values(lists).flat(), ...banned];
  expect(listed.toSorted()).toEqual(names.toSorted());
});

test('names are used once, and formats exist', () => {
  expect(new Set(AUTOCASTS.map(({ id }) => id)).size).toBe(AUTOCASTS.length);
  for (const { id, lists, wide = 'fp32', usual } of AUTOCASTS) {
    const listed = Object.values(lists).flat();
    const twice = listed.filter((name, i) => listed.indexOf(name) !== i);
    expect({ id, twice }).toEqual({ id, twice: [] });
    for (const format of [wide, ...usual]) expect(parseFormat(format).name).toBe(format);
  }
});

/** The operations of src/ops. */
const OPS = ['linear', 'conv2d', 'tanh', 'add', 'cross_entropy_loss/nll_loss', 'mse_loss'];

describe('the operations that there are', () => {
  test.each<[string, ...AutocastClass[]]>([
    ['pytorch', 'low', 'low', 'follow', 'follow', 'full', 'full'],
    ['pytorch-cpu', 'low', 'low', 'follow', 'follow', 'full', 'full'],
    // A policy of layers: activations and sums are layers too.
    ['keras-mixed-float16', 'low', 'low', 'low', 'low', 'full', 'full'],
    ['keras-mixed-bfloat16', 'low', 'low', 'low', 'low', 'full', 'full'],
    ['apex-o0', 'full', 'full', 'full', 'full', 'full', 'full'],
    ['apex-o1', 'low', 'low', 'follow', 'widest', 'full', 'full'],
    ['apex-o2', 'low', 'low', 'follow', 'follow', 'full', 'full'],
    // The wrapped forward method gives FP32 to the loss even here.
    ['apex-o3', 'low', 'low', 'follow', 'follow', 'full', 'full'],
    ['half', 'low', 'low', 'follow', 'follow', 'follow', 'follow'],
    ['bf16-masters', 'low', 'low', 'follow', 'follow', 'full', 'full'],
    ['transformer-engine', 'tiles', 'wide', 'follow', 'follow', 'full', 'full'],
  ])('%s', (id, ...classes) => {
    expect(OPS.map((op) => classOf(autocastNamed(id), op))).toEqual(classes);
  });
});

test('of an operation within another the outer one decides where it is listed', () => {
  const softmax = 'cross_entropy_loss/log_softmax';
  expect(classOf(autocastNamed('pytorch-cpu'), softmax)).toBe('full');
  expect(classOf(autocastNamed('pytorch-cpu'), 'log_softmax')).toBe('follow');
});

test('weights live where the framework has them', () => {
  const masters = AUTOCASTS.filter(({ stores }) => !stores({ name: 'fp16' }).masters).map(({ id }) => id);
  expect(masters).toEqual(['apex-o3', 'half']);
});
