/**
 * What a kernel is called with. The structures, and the offsets of their fields in bytes, are those of src/graph/layout
 * and src/backends/wasm/call-structs.ts: scripts/layout-modules.ts makes the module ./generated/layout of them.
 *
 * A kernel is `(call, lane)`: where its operands lie in this lane's memory, followed by the constants that the WGSL
 * kernel of that name has in its uniform block, and what the lane brings to every call.
 */
import { Lane, Operand, COUNTER_BYTES, HEADER_BYTES, OPERAND_BYTES } from './generated/layout';

export * from './generated/layout';

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

export function rowFloat(lane: Lane, offset: usize): f32 {
  return load<f32>(lane.row + offset);
}

export function rowWord(lane: Lane, offset: usize): u32 {
  return load<u32>(lane.row + offset);
}

export function setRowFloat(lane: Lane, offset: usize, value: f32): void {
  store<f32>(lane.row + offset, value);
}

export function setRowWord(lane: Lane, offset: usize, value: u32): void {
  store<u32>(lane.row + offset, value);
}

/** A double that lies as its upper and its lower word. */
export function rowDouble(lane: Lane, offset: usize): f64 {
  const high = <u64>rowWord(lane, offset);
  return reinterpret<f64>((high << 32) | (<u64>rowWord(lane, offset + 4)));
}

export function headerWord(lane: Lane, offset: usize): u32 {
  return load<u32>(lane.record + offset);
}

export function setHeaderWord(lane: Lane, offset: usize, value: u32): void {
  store<u32>(lane.record + offset, value);
}

/** Address of the counters of a site in this step's record. */
export function countersOf(lane: Lane, site: u32): usize {
  return lane.record + HEADER_BYTES + <usize>site * COUNTER_BYTES;
}

/** Address of a lane's policy at a site. */
export function policyOf(lane: Lane, site: u32): usize {
  return lane.policy + <usize>(site * lane.policyStride);
}
