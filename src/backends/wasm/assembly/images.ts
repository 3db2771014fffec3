/** Sizes of an operation that slides a window over images: `Geometry` of src/ops/images.ts, as constants of a call. */

@unmanaged
export class Geometry {
  batch!: u32;
  inChannels!: u32;
  inHeight!: u32;
  inWidth!: u32;
  outChannels!: u32;
  outHeight!: u32;
  outWidth!: u32;
  kernel!: u32;
  stride!: u32;
  padding!: u32;
}

/** Constants of a call that follow the geometry begin here. */
export const GEOMETRY_WORDS: usize = 10;

/** The geometry of a call with so many operands. */
export function geometryOf(call: usize, operands: usize): Geometry {
  return changetype<Geometry>(call + (operands << 4));
}
