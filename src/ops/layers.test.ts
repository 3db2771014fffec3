import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import { compareBackends } from '../testing/kernels';
import { caseOf, planOf, type Net } from '../testing/networks';
import { expectGradients } from '../testing/gradients';
import { accumulate } from './add';
import { crossEntropy } from './cross-entropy';
import { appendLayers, flatLayers, type Layer } from './layers';
import { linear } from './linear';
import { meanSquaredError } from './mean-squared-error';
import { reshape } from './reshape';

/** One layer three times, and once more as a head of its own. */
const SHARED: readonly Layer[] = [
  { kind: 'linear', name: 'fc', out: 5 },
  { kind: 'tanh', name: 'fc.tanh' },
  { kind: 'linear', name: 'again', out: 5, sharedWith: 'fc' },
  { kind: 'relu', name: 'again.relu' },
  { kind: 'linear', name: 'once more', out: 5, sharedWith: 'fc' },
  { kind: 'linear', name: 'head', out: 3 },
];

const SHARED_CONVOLUTION: readonly Layer[] = [
  { kind: 'conv2d', name: 'c', out: 3, kernel: 3, padding: 1, bias: false },
  { kind: 'relu', name: 'c.relu' },
  { kind: 'conv2d', name: 'd', out: 3, kernel: 3, padding: 1, bias: false, sharedWith: 'c' },
  { kind: 'avgpool2d', name: 'pool', kernel: 2 },
  { kind: 'flatten', name: 'flat' },
  { kind: 'linear', name: 'head', out: 2 },
];

/** Three steps of eight features, each taken for itself by the same layer. */
const SEQUENCE: readonly Layer[] = [
  { kind: 'reshape', name: 'steps', shape: [-1, 8] },
  { kind: 'linear', name: 'fc', out: 4 },
  { kind: 'tanh', name: 'fc.tanh' },
  { kind: 'reshape', name: 'together', shape: [-1, 12] },
  { kind: 'linear', name: 'head', out: 3 },
];

const BLOCKS: readonly Layer[] = [
  { kind: 'linear', name: 'in', out: 6 },
  {
    kind: 'residual',
    name: 'block',
    layers: [
      { kind: 'linear', name: 'a', out: 6 },
      { kind: 'relu', name: 'a.relu' },
      {
        kind: 'residual',
        name: 'inner',
        layers: [{ kind: 'linear', name: 'b', out: 4 }],
        shortcut: [{ kind: 'linear', name: 'narrow', out: 4, bias: false }],
      },
      { kind: 'linear', name: 'c', out: 6 },
    ],
  },
  { kind: 'linear', name: 'head', out: 3 },
];

const NETS: Readonly<Record<string, Net>> = {
  'shared weights': { features: [5], batch: 6, outputs: 3, loss: crossEntropy, layers: SHARED },
  'shared windows': {
    features: [3, 4, 6],
    batch: 3,
    outputs: 2,
    loss: meanSquaredError,
    layers: SHARED_CONVOLUTION,
  },
  'a reshaped sequence': { features: [24], batch: 5, outputs: 3, loss: crossEntropy, layers: SEQUENCE },
  'residual blocks': { features: [7], batch: 4, outputs: 3, loss: meanSquaredError, layers: BLOCKS },
};

describe.each(Object.entries(NETS))('%s', (_, net) => {
  test('ordinary values have the same bits on all backends', async () => {
    await compareBackends(caseOf(planOf(net), 3, false));
  });
  test('values of any kind have the same bits on all backends', async () => {
    await compareBackends(caseOf(planOf(net), 11, true));
  });
});

test('all layers of nested blocks are found', () => {
  expect(flatLayers(BLOCKS).map(({ name }) => name)).toEqual([
    'in',
    'a',
    'a.relu',
    'b',
    'narrow',
    'inner',
    'c',
    'block',
    'head',
  ]);
});

/** x·Wᵀ + b, dense. */
function affine(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number>,
  rows: number,
): Float64Array {
  const out = b.length;
  const features = w.length / out;
  return Float64Array.from({ length: rows * out }, (_, i) => {
    const [row, column] = [Math.floor(i / out), i % out];
    let sum = b[column];
    for (let k = 0; k < features; k++) sum += x[row * features + k] * w[column * features + k];
    return sum;
  });
}

test('the gradient of a parameter that is used three times is that of the function', () => {
  expectGradients({
    inputs: [[3, 5]],
    deviation: 0.5,
    build: (builder, [x]) =>
      appendLayers(builder, x, [
        { kind: 'linear', name: 'fc', out: 5 },
        { kind: 'tanh', name: 'fc.tanh' },
        { kind: 'linear', name: 'again', out: 5, sharedWith: 'fc' },
        { kind: 'tanh', name: 'again.tanh' },
        { kind: 'linear', name: 'once more', out: 5, sharedWith: 'fc' },
      ]),
    evaluate: ([x, w, b]) =>
      affine(affine(affine(x, w, b, 3).map(Math.tanh), w, b, 3).map(Math.tanh), w, b, 3),
  });
});

test('the gradient of a sequence that is seen row by row is that of the function', () => {
  expectGradients({
    inputs: [[2, 3, 8]],
    build: (builder, [x]) => appendLayers(builder, x, SEQUENCE),
    evaluate: ([x, w, b, head, c]) => affine(affine(x, w, b, 6).map(Math.tanh), head, c, 2),
  });
});

test('gradients of later uses are added where the first lies, one site for each and one for each sum', () => {
  const builder = new GraphBuilder();
  const y = appendLayers(builder, builder.tensor('x', [2, 5], { differentiable: false }), SHARED);
  differentiate(builder, y, builder.tensor('seed', y.shape), accumulate);
  expect(builder.parameters.map(({ name }) => name)).toEqual([
    'fc.weight',
    'fc.bias',
    'head.weight',
    'head.bias',
  ]);
  expect(builder.sites.filter(({ name }) => name.includes('weight.grad')).map(({ name }) => name)).toEqual([
    'head.weight.grad',
    'once more.weight.grad',
    'again.weight.grad',
    'fc.weight.grad.sum1',
    'fc.weight.grad',
    'fc.weight.grad.sum2',
  ]);
  const arenas = builder.tensors.flatMap(({ name, residence }) =>
    residence && /fc|again|more/.test(name) && name.endsWith('weight.grad') ? [[name, residence.arena]] : [],
  );
  expect(arenas).toEqual([
    ['once more.weight.grad', 'gradients'],
    ['again.weight.grad', 'partialGradients'],
    ['fc.weight.grad', 'partialGradients'],
  ]);
  expect(builder.parameters[0].gradient?.name).toBe('fc.weight.grad.sum2');
});

describe('what does not fit is refused by name:', () => {
  const x = (builder: GraphBuilder, ...shape: number[]) => builder.tensor('x', shape);

  test('sharing with a layer that is not there', () => {
    const builder = new GraphBuilder();
    expect(() => linear(builder, x(builder, 2, 4), { name: 'b', out: 4, sharedWith: 'a' })).toThrow(
      'b shares a weight and a bias with a, which has to come before it and have them',
    );
  });

  test('sharing with a layer of other sizes', () => {
    const builder = new GraphBuilder();
    const y = linear(builder, x(builder, 2, 4), { name: 'a', out: 3 });
    expect(() => linear(builder, y, { name: 'b', out: 3, sharedWith: 'a' })).toThrow(
      'a.weight has the shape [3, 4], not [3, 3]',
    );
  });

  test('sharing a bias that is not there', () => {
    const builder = new GraphBuilder();
    const y = linear(builder, x(builder, 2, 4), { name: 'a', out: 4, bias: false });
    expect(() => linear(builder, y, { name: 'b', out: 4, sharedWith: 'a' })).toThrow('b shares');
  });

  test('a shape for other numbers', () => {
    const builder = new GraphBuilder();
    expect(() => reshape(builder, x(builder, 2, 12), { name: 'r', shape: [-1, 5] })).toThrow(
      'r: 24 numbers have no shape [-1, 5]',
    );
  });

  test('rows with pads between them', () => {
    const builder = new GraphBuilder();
    expect(() => reshape(builder, x(builder, 2, 15), { name: 'r', shape: [-1, 5] })).toThrow(
      'r: [2, 15] cannot be seen as [6, 5]',
    );
  });

  test('a prediction of more rows than the batch has', () => {
    const layers: readonly Layer[] = [{ kind: 'reshape', name: 'steps', shape: [-1, 4] }];
    expect(() => planOf({ features: [8], batch: 3, outputs: 4, loss: meanSquaredError, layers })).toThrow(
      'the network predicts 6 rows for a batch of 3',
    );
  });
});

test('a reshape may keep rows as they are, whatever their length', () => {
  const builder = new GraphBuilder();
  const y = reshape(builder, builder.tensor('x', [2, 3, 5]), { name: 'r', shape: [2, -1] });
  expect(y.shape).toEqual([2, 15]);
});
