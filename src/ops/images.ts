/**
 * What convolution and pooling share: the shapes of images and of the windows that slide over them. A tensor of
 * images has the shape [batch, channels, height, width] (NCHW); in memory a sample is one row, channel by channel.
 */
import type { KernelCall } from '../graph/kernel';
import { tensorAt } from '../graph/kernel';
import type { Tensor } from '../graph/tensor';

export interface PoolOptions {
  readonly name: string;
  /** Width and height of the window. */
  readonly kernel: number;
  /** That of the window unless told. */
  readonly stride?: number;
}

/** A square window; one of a pooling operation has no padding. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  /** Rows and columns of positions around the image, which read as +0. */
  readonly padding: number;
}

/** Sizes of an operation that slides a window over images: from `in` images to `out` images. */
export interface Geometry extends Window {
  readonly batch: number;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/**
 * Checks that a window can slide over images, and returns the sizes that come out: ⌊(size + 2·padding - kernel) /
 * stride⌋ + 1 (torch.nn.Conv2d, torch.nn.MaxPool2d with ceil_mode=False).
 *
 * @throws {RangeError} naming the layer, when sizes are impossible
 */
export function slide(name: string, x: Tensor, window: Window, outChannels?: number): Geometry {
  if (x.shape.length !== 4) {
    throw new RangeError(
      `${name} needs images [batch, channels, height, width]; ${x.name} has the shape [${x.shape.join(', ')}]`,
    );
  }
  const [batch, inChannels, inHeight, inWidth] = x.shape;
  const { kernel, stride, padding } = window;
  const counts = { kernel, stride, 'out channels': outChannels ?? inChannels };
  for (const [what, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name}: ${what} must be a whole number from 1, not ${value}`);
    }
  }
  if (!Number.isInteger(padding) || padding < 0) {
    throw new RangeError(`${name}: padding must be a whole number from 0, not ${padding}`);
  }
  if (Math.min(inHeight, inWidth) + 2 * padding < kernel) {
    throw new RangeError(
      `${name}: a ${kernel}×${kernel} window does not fit into a ${inHeight}×${inWidth} image with padding ${padding}`,
    );
  }
  const positions = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return {
    batch,
    inChannels,
    inHeight,
    inWidth,
    outChannels: outChannels ?? inChannels,
    outHeight: positions(inHeight),
    outWidth: positions(inWidth),
    kernel,
    stride,
    padding,
  };
}

/** The attributes that a call keeps of its window. */
export const windowAttributes = ({ kernel, stride, padding }: Window): KernelCall['attributes'] => ({
  kernel,
  stride,
  padding,
});

/** The geometry of a call, from the images it slides over and those that come out. */
export function geometryOf(call: KernelCall, input: Tensor, output: Tensor): Geometry {
  const [batch, inChannels, inHeight, inWidth] = input.shape;
  const [, outChannels, outHeight, outWidth] = output.shape;
  const { kernel, stride, padding } = call.attributes;
  return {
    batch,
    inChannels,
    inHeight,
    inWidth,
    outChannels,
    outHeight,
    outWidth,
    kernel,
    stride,
    padding,
  };
}

/** Geometry of a call that turns its first input into its first output. */
export const forwardGeometry = (call: KernelCall): Geometry =>
  geometryOf(call, tensorAt(call.inputs, 0), tensorAt(call.outputs, 0));

/** Geometry of a call that turns the gradient of the output, its first input, into that of the input. */
export const backwardGeometry = (call: KernelCall): Geometry =>
  geometryOf(call, tensorAt(call.outputs, 0), tensorAt(call.inputs, 0));

/** The geometry as the shaders' `struct Geometry` has it; their sites follow. */
export const geometryWords = (geometry: Geometry): number[] => [
  geometry.batch,
  geometry.inChannels,
  geometry.inHeight,
  geometry.inWidth,
  geometry.outChannels,
  geometry.outHeight,
  geometry.outWidth,
  geometry.kernel,
  geometry.stride,
  geometry.padding,
];

/** Elements of one channel. */
export const inPlane = ({ inHeight, inWidth }: Geometry): number => inHeight * inWidth;
export const outPlane = ({ outHeight, outWidth }: Geometry): number => outHeight * outWidth;
