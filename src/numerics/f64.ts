/**
 * The one place where frameworks compute in double precision: the update of the loss scale. PyTorch's
 * `_amp_update_scale_` forms `scale * factor` as binary32 times double and rounds the double product to binary32
 * (pytorch/pytorch, aten/src/ATen/native/cuda/AmpKernels.cu). WGSL has no doubles;
 * `shaders/numerics/f64.wgsl` does the same in integers.
 */

/** f32(f64(scale) * factor), subnormals, infinities and NaN included. `scale` is a binary32 number. */
export function scaleTimes(scale: number, factor: number): number {
  return Math.fround(scale * factor);
}

/** The upper and the lower 32 bits of a double: how WGSL is given doubles, which it lacks. Every NaN has the same. */
export function doubleWords(x: number): readonly [high: number, low: number] {
  if (Number.isNaN(x)) return [0x7ff80000, 0];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return [view.getUint32(0), view.getUint32(4)];
}

/** The double with these words. */
export function fromDoubleWords(high: number, low: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, high);
  view.setUint32(4, low);
  return view.getFloat64(0);
}
