import { describe, expect, test } from 'vitest';
import { goldenProgram, parseGolden } from './golden';
import { readLayers, type GoldenLayer } from './golden-layers';

/** A file with these layers, for rows of four numbers. */
const fileWith = (layers: readonly unknown[], changes: Record<string, unknown> = {}): unknown => ({
  schema: 'mp-oracle/run/1',
  model: { input_shape: [4], layers },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 0.1 },
  policy: { format: 'bf16', scaler: { enabled: false } },
  steps: 1,
  init: {},
  data: { x: { shape: [2, 4], dtype: 'f32', b64: '' }, y: { shape: [2, 1], dtype: 'f32', b64: '' } },
  batches: [[0, 1]],
  ...changes,
});

const layersOf = (layers: readonly unknown[]): readonly GoldenLayer[] =>
  parseGolden(fileWith(layers)).model.layers;

test('every kind of layer is read, under whichever name a file has for its sizes', () => {
  const layers = layersOf([
    { type: 'conv2d', name: 'c', out_channels: 3, kernel_size: 3, padding: 1, groups: 1 },
    { type: 'conv2d', name: 'd', out: 3, k: 3, pad: 2, stride: 2, bias: false, shared_with: 'c' },
    { type: 'relu' },
    { type: 'tanh', name: 'squash' },
    { type: 'avgpool2d', kernel: 2, stride: 1 },
    { type: 'maxpool2d', k: 2 },
    { type: 'flatten' },
    { type: 'reshape', shape: [-1, 4] },
    { type: 'residual', layers: [{ type: 'linear', name: 'in', in: 4, out: 4 }, { type: 'relu' }] },
  ]);
  expect(readLayers(layers)).toEqual([
    { kind: 'conv2d', name: 'c', out: 3, kernel: 3, stride: 1, padding: 1, bias: true },
    {
      kind: 'conv2d',
      name: 'd',
      out: 3,
      kernel: 3,
      stride: 2,
      padding: 2,
      bias: false,
      sharedWith: 'c',
    },
    { kind: 'relu', name: 'relu2' },
    { kind: 'tanh', name: 'squash' },
    { kind: 'avgpool2d', name: 'avgpool2d4', kernel: 2, stride: 1 },
    { kind: 'maxpool2d', name: 'maxpool2d5', kernel: 2, stride: undefined },
    { kind: 'flatten', name: 'flatten6' },
    { kind: 'reshape', name: 'reshape7', shape: [-1, 4] },
    {
      kind: 'residual',
      name: 'residual8',
      layers: [
        { kind: 'linear', name: 'in', out: 4, bias: true },
        { kind: 'relu', name: 'residual8.relu1' },
      ],
      shortcut: [],
    },
  ]);
});

describe('what is not computed is refused:', () => {
  test.each([
    [{ type: 'gelu' }, "model.layers.0: a layer's type is one of linear, conv2d,"],
    [{ type: 'conv2d', name: 'c', out: 2, k: 3, dilation: 2 }, 'model.layers.0.dilation'],
    [{ type: 'conv2d', name: 'c', out: 2, k: 3, groups: 2 }, 'model.layers.0.groups'],
    [{ type: 'avgpool2d', k: 3, padding: 1 }, 'model.layers.0.padding'],
    [{ type: 'maxpool2d', k: 3, ceil_mode: true }, 'model.layers.0.ceil_mode'],
    [{ type: 'linear', name: 'fc', out: 0 }, 'model.layers.0.out'],
    [{ type: 'residual', layers: [{ type: 'softmax' }] }, 'model.layers.0.layers.0'],
  ])('%j', (layer, message) => {
    expect(() => layersOf([layer])).toThrow(message);
  });

  test.each([
    [{ optimizer: { type: 'sgd', lr: 0.1, weight_decay: 0.01 } }, 'optimizer.weight_decay'],
    [{ optimizer: { type: 'sgd', lr: 0.1, momentum: 0.9, nesterov: true } }, 'optimizer.nesterov'],
    [{ optimizer: { type: 'adam', lr: 0.1, amsgrad: true } }, 'optimizer.amsgrad'],
    [{ loss: { type: 'cross_entropy', label_smoothing: 0.1 } }, 'loss.label_smoothing'],
  ])('%j', (changes, message) => {
    expect(() => parseGolden(fileWith([], changes))).toThrow(message);
  });

  test('a window without its size', () => {
    const layers = layersOf([{ type: 'conv2d', name: 'c', out: 2 }]);
    expect(() => readLayers(layers)).toThrow('c lacks its kernel size');
  });

  test('a layer that takes other numbers than the file says', () => {
    const golden = parseGolden(fileWith([{ type: 'linear', name: 'fc', in: 5, out: 1 }]));
    expect(() => goldenProgram(golden)).toThrow('fc takes 5 numbers, but gets 4');
  });
});

test('Adam has the numbers of PyTorch where a file has none', () => {
  const { optimizer } = parseGolden(fileWith([], { optimizer: { type: 'adam', lr: 0.1 } }));
  expect(optimizer).toMatchObject({ betas: [0.9, 0.999], eps: 1e-8 });
});
