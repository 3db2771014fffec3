/**
 * Networks as data: a list of layers, from which the forward pass is built. Tasks and golden runs have such lists, and
 * whoever draws, edits or exports a network reads them.
 */
import type { GraphBuilder } from '../graph/builder';
import type { Tensor } from '../graph/tensor';
import type { ActivationOptions } from './activation';
import { add } from './add';
import { averagePool2d } from './average-pool2d';
import { conv2d, type Conv2dOptions } from './conv2d';
import { flatten } from './flatten';
import { linear, type LinearOptions } from './linear';
import type { PoolOptions } from './images';
import { maxPool2d } from './maxpool2d';
import { relu } from './relu';
import { reshape } from './reshape';
import { tanh } from './tanh';

/** What every layer has. Names are those of cast sites and parameters (`fc1.weight`), so each is used once. */
interface Named {
  readonly name: string;
}

export type Layer =
  | ({ readonly kind: 'linear' } & LinearOptions)
  | ({ readonly kind: 'conv2d' } & Conv2dOptions)
  | ({ readonly kind: 'maxpool2d' | 'avgpool2d' } & PoolOptions)
  | ({ readonly kind: 'relu' | 'tanh' } & ActivationOptions)
  | ({ readonly kind: 'flatten' } & Named)
  /** The sizes of the result, one of which may be -1: what is left over. */
  | ({ readonly kind: 'reshape'; readonly shape: readonly number[] } & Named)
  | ResidualBlock;

/** layers(x) + shortcut(x); without a shortcut, layers(x) + x. */
export interface ResidualBlock extends Named {
  readonly kind: 'residual';
  readonly layers: readonly Layer[];
  readonly shortcut?: readonly Layer[];
}

/**
 * Appends the layers one after another and returns the output of the last.
 *
 * @throws {RangeError} naming the layer, when sizes do not fit
 */
export const appendLayers = (builder: GraphBuilder, x: Tensor, layers: readonly Layer[]): Tensor =>
  layers.reduce((y, layer) => appendLayer(builder, y, layer), x);

function appendLayer(builder: GraphBuilder, x: Tensor, layer: Layer): Tensor {
  switch (layer.kind) {
    case 'linear':
      return linear(builder, x, layer);
    case 'conv2d':
      return conv2d(builder, x, layer);
    case 'maxpool2d':
      return maxPool2d(builder, x, layer);
    case 'avgpool2d':
      return averagePool2d(builder, x, layer);
    case 'relu':
      return relu(builder, x, layer);
    case 'tanh':
      return tanh(builder, x, layer);
    case 'flatten':
      return flatten(builder, x, layer);
    case 'reshape':
      return reshape(builder, x, layer);
    case 'residual': {
      const branch = appendLayers(builder, x, layer.layers);
      const shortcut = appendLayers(builder, x, layer.shortcut ?? []);
      return add(builder, branch, shortcut, layer);
    }
  }
}

/** All layers of a list, those of residual blocks in their place. */
export const flatLayers = (layers: readonly Layer[]): readonly Layer[] =>
  layers.flatMap((layer) =>
    layer.kind === 'residual'
      ? [...flatLayers(layer.layers), ...flatLayers(layer.shortcut ?? []), layer]
      : [layer],
  );
