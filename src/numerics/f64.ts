/**
 * The one place where frameworks compute in double precision: the update of the loss scale. PyTorch's
 * `_amp_update_scale_` forms `scale * factor` as binary32 times double and rounds the double product to binary32
 * (pytorch/pytorch, aten/src/ATen/native/cuda/AmpKernels.cu). WGSL has no doubles;
 * `shaders/numerics/scale_product.wgsl` does the same in integers.
 */

/** f32(f64(scale) * factor), subnormals, infinities and NaN included. `scale` is a binary32 number. */
export function scaleTimes(scale: number, factor: number): number {
  return Math.fround(scale * factor);
}

/** The upper and the lower 32 bits of a double: how a factor is handed to `scale_times` in WGSL. */
export function doubleWords(x: number): readonly [high: number, low: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return [view.getUint32(0), view.getUint32(4)];
}
