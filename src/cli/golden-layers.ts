/**
 * The layers of golden runs (schema mp-oracle/run/1), read as the list of layers that everything else builds from. What a
 * file may say beyond the schema and this program does not compute is refused, not passed over.
 */
import * as v from 'valibot';
import type { Layer } from '../ops/layers';

export const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** An option that PyTorch has and that means nothing at this value, the only one that is computed here. */
export const only = <const T extends number | string | boolean>(value: T) => v.optional(v.literal(value));

const named = { name: v.optional(v.string()) };
const weighted = {
  name: v.string(),
  bias: v.optional(v.boolean(), true),
  shared_with: v.optional(v.string()),
};
const window = { k: v.optional(count), kernel: v.optional(count), kernel_size: v.optional(count) };
const noNegative = v.pipe(v.number(), v.integer(), v.minValue(0));

const linear = v.object({ ...weighted, type: v.literal('linear'), in: v.optional(count), out: count });

const conv2d = v.object({
  ...weighted,
  ...window,
  type: v.literal('conv2d'),
  in: v.optional(count),
  in_channels: v.optional(count),
  out: v.optional(count),
  out_channels: v.optional(count),
  stride: v.optional(count, 1),
  pad: v.optional(noNegative),
  padding: v.optional(noNegative),
  dilation: only(1),
  groups: only(1),
  padding_mode: only('zeros'),
});

const pool = v.object({
  ...named,
  ...window,
  type: v.picklist(['maxpool2d', 'avgpool2d']),
  stride: v.optional(count),
  pad: only(0),
  padding: only(0),
  dilation: only(1),
  ceil_mode: only(false),
});

const simple = v.object({ ...named, type: v.picklist(['relu', 'tanh', 'flatten']) });

const reshape = v.object({ ...named, type: v.literal('reshape'), shape: v.array(v.number()) });

interface Residual {
  readonly type: 'residual';
  readonly name?: string;
  readonly layers: readonly GoldenLayer[];
  readonly shortcut?: readonly GoldenLayer[];
}

/** A layer as files have it. */
export type GoldenLayer =
  | v.InferOutput<typeof linear>
  | v.InferOutput<typeof conv2d>
  | v.InferOutput<typeof pool>
  | v.InferOutput<typeof simple>
  | v.InferOutput<typeof reshape>
  | Residual;

const residual: v.GenericSchema<unknown, Residual> = v.object({
  ...named,
  type: v.literal('residual'),
  layers: v.array(v.lazy(() => layerSchema)),
  shortcut: v.optional(v.array(v.lazy(() => layerSchema))),
});

const BY_TYPE: Readonly<Record<GoldenLayer['type'], v.GenericSchema<unknown, GoldenLayer>>> = {
  linear,
  conv2d,
  maxpool2d: pool,
  avgpool2d: pool,
  relu: simple,
  tanh: simple,
  flatten: simple,
  reshape,
  residual,
};

const TYPES = Object.keys(BY_TYPE);

export const layerSchema: v.GenericSchema<unknown, GoldenLayer> = v.lazy((input) => {
  const type = typeof input === 'object' && input !== null && 'type' in input ? input.type : undefined;
  const known = TYPES.find((name) => name === type) as GoldenLayer['type'] | undefined;
  return known
    ? BY_TYPE[known]
    : v.custom<GoldenLayer>(() => false, `a layer's type is one of ${TYPES.join(', ')}, not ${String(type)}`);
});

const windowOf = (name: string, layer: { k?: number; kernel?: number; kernel_size?: number }): number => {
  const kernel = layer.kernel ?? layer.kernel_size ?? layer.k;
  if (kernel === undefined) throw new Error(`${name} lacks its kernel size`);
  return kernel;
};

function read(layer: GoldenLayer, fallback: string): Layer {
  const { name = fallback } = layer;
  switch (layer.type) {
    case 'linear':
      return { kind: 'linear', name, out: layer.out, bias: layer.bias, sharedWith: layer.shared_with };
    case 'conv2d': {
      const { stride, bias, shared_with: sharedWith } = layer;
      const out = layer.out ?? layer.out_channels;
      if (out === undefined) throw new Error(`${name} lacks its number of output channels`);
      const padding = layer.padding ?? layer.pad ?? 0;
      return { kind: 'conv2d', name, out, kernel: windowOf(name, layer), stride, padding, bias, sharedWith };
    }
    case 'maxpool2d':
    case 'avgpool2d':
      return { kind: layer.type, name, kernel: windowOf(name, layer), stride: layer.stride };
    case 'reshape':
      return { kind: 'reshape', name, shape: layer.shape };
    case 'residual':
      return {
        kind: 'residual',
        name,
        layers: readLayers(layer.layers, `${name}.`),
        shortcut: readLayers(layer.shortcut ?? [], `${name}.shortcut.`),
      };
    case 'relu':
    case 'tanh':
    case 'flatten':
      return { kind: layer.type, name };
  }
}

/**
 * A layer without a name is called after its type and its place.
 *
 * @throws {Error} naming the layer that lacks something
 */
export const readLayers = (layers: readonly GoldenLayer[], prefix = ''): readonly Layer[] =>
  layers.map((layer, index) => read(layer, `${prefix}${layer.type}${index}`));

/** Features that a file's fully connected layers say they take, by layer. */
export function statedInputs(layers: readonly GoldenLayer[]): ReadonlyMap<string, number> {
  const stated = new Map<string, number>();
  for (const layer of layers) {
    if (layer.type === 'linear' && layer.in !== undefined) stated.set(layer.name, layer.in);
    if (layer.type !== 'residual') continue;
    for (const nested of [layer.layers, layer.shortcut ?? []]) {
      for (const [name, features] of statedInputs(nested)) stated.set(name, features);
    }
  }
  return stated;
}
