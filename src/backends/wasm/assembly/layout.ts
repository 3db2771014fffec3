/**
 * What a kernel is called with. `src/backends/wasm/layout.ts` writes these structures and says what is in them; addresses
 * are bytes, strides are f32 elements.
 *
 * A kernel is `(call, lane)`: where its operands lie in this lane's memory, followed by the constants that the WGSL
 * kernel of that name has in its uniform block, and what the lane brings to every call.
 */

/** One operand in one lane: a row-major matrix, rows padded with +0 to whole v128. */
@unmanaged
export class Operand {
  address!: usize;
  stride!: u32;
  rows!: u32;
  columns!: u32;
}

@unmanaged
export class Lane {
  /** Zero-based index of the running step. */
  step!: u32;
  /** This step's record of this lane (src/graph/records.ts). */
  record!: usize;
  /** Its row of settings and state (src/graph/lanes.ts). */
  row!: usize;
  /** Its policy at site 0 (src/graph/policy.ts), and bytes from there to the next site's. */
  policy!: usize;
  policyStride!: u32;
  /** Memory that a kernel may use as it likes until it returns. */
  scratch!: usize;
}

const OPERAND_BYTES: usize = 16;

/** The k-th operand of a call. */
export function operand(call: usize, k: usize): Operand {
  return changetype<Operand>(call + k * OPERAND_BYTES);
}

/** The k-th constant of a call with so many operands. */
export function constant(call: usize, operands: usize, k: usize): u32 {
  return load<u32>(call + operands * OPERAND_BYTES + k * 4);
}

/** Elements of a row with its pads. */
export function padded(columns: u32): u32 {
  return (columns + 3) & ~3;
}

/** Word offsets in a lane's row. */
export const ROW_SCALER: usize = 0;
export const ROW_GROWTH_FACTOR: usize = 1;
export const ROW_BACKOFF_FACTOR: usize = 3;
export const ROW_GROWTH_INTERVAL: usize = 5;
export const ROW_MULTIPLIER: usize = 6;
export const ROW_LEARNING_RATE: usize = 7;
export const ROW_MOMENTUM: usize = 8;
export const ROW_BETA1: usize = 9;
export const ROW_BETA2: usize = 10;
export const ROW_ONE_MINUS_BETA1: usize = 11;
export const ROW_ONE_MINUS_BETA2: usize = 12;
export const ROW_EPSILON: usize = 13;
export const ROW_SEED: usize = 14;
export const ROW_SCALE: usize = 16;
export const ROW_INVERSE_SCALE: usize = 17;
export const ROW_GROWTH_TRACKER: usize = 18;
export const ROW_OPTIMIZER_STEPS: usize = 19;
export const ROW_SKIPPED_STEPS: usize = 20;
export const ROW_MOMENT_FACTOR: usize = 21;

export const SCALER_NONE: u32 = 0;
export const SCALER_DYNAMIC: u32 = 2;

export function rowFloat(lane: Lane, word: usize): f32 {
  return load<f32>(lane.row + word * 4);
}

export function rowWord(lane: Lane, word: usize): u32 {
  return load<u32>(lane.row + word * 4);
}

export function setRowFloat(lane: Lane, word: usize, value: f32): void {
  store<f32>(lane.row + word * 4, value);
}

export function setRowWord(lane: Lane, word: usize, value: u32): void {
  store<u32>(lane.row + word * 4, value);
}

/** A double that lies as its upper and its lower word. */
export function rowDouble(lane: Lane, word: usize): f64 {
  const high = <u64>rowWord(lane, word);
  return reinterpret<f64>((high << 32) | (<u64>rowWord(lane, word + 1)));
}

/** Word offsets in the header of a record. */
export const HEADER_LOSS: usize = 0;
export const HEADER_SCALE: usize = 1;
export const HEADER_FOUND_INF: usize = 2;
export const HEADER_SCALE_AFTER: usize = 3;
export const HEADER_GROWTH_TRACKER_AFTER: usize = 4;
export const HEADER_OPTIMIZER_STEPS: usize = 5;
export const HEADER_CORRECT: usize = 6;
const HEADER_WORDS: usize = 8;

export function headerWord(lane: Lane, word: usize): u32 {
  return load<u32>(lane.record + word * 4);
}

export function setHeaderWord(lane: Lane, word: usize, value: u32): void {
  store<u32>(lane.record + word * 4, value);
}

/** Word offsets in a site's counters, and how many there are. */
export const COUNTER_ZERO_BEFORE: usize = 0;
export const COUNTER_UNDERFLOW: usize = 1;
export const COUNTER_SUBNORMAL: usize = 2;
export const COUNTER_OVERFLOW: usize = 3;
export const COUNTER_NAN: usize = 4;
export const COUNTER_INFINITE: usize = 5;
export const COUNTER_LARGEST: usize = 6;
export const COUNTER_SMALLEST: usize = 7;
const COUNTER_WORDS: usize = 8;

/** Address of the counters of a site in this step's record. */
export function countersOf(lane: Lane, site: u32): usize {
  return lane.record + (HEADER_WORDS + <usize>site * COUNTER_WORDS) * 4;
}

/** Address of a lane's policy at a site: the words of a format, the seed, then those of the accumulation. */
export function policyOf(lane: Lane, site: u32): usize {
  return lane.policy + <usize>(site * lane.policyStride);
}

export const POLICY_LOW: usize = 0;
export const POLICY_SPAN: usize = 4;
export const POLICY_INCREMENT: usize = 8;
export const POLICY_FLAGS: usize = 12;
export const POLICY_SEED: usize = 16;
export const POLICY_ACCUMULATION: usize = 32;
