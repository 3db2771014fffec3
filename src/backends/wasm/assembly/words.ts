/** Numbers in words of memory, as rows and records hold them: a double is its upper and its lower word. */
import { CANONICAL_NAN } from './round';

export function loadF32(address: usize): f32 {
  return load<f32>(address);
}

/** Every NaN is the same one, as it is for the other backends. */
export function storeF32(address: usize, value: f32): void {
  store<u32>(address, value == value ? reinterpret<u32>(value) : CANONICAL_NAN);
}

export function loadI32(address: usize): i32 {
  return load<i32>(address);
}

export function storeI32(address: usize, value: i32): void {
  store<i32>(address, value);
}

export function loadF64(address: usize): f64 {
  return reinterpret<f64>(((<u64>load<u32>(address)) << 32) | (<u64>load<u32>(address, 4)));
}

export function storeF64(address: usize, value: f64): void {
  const bits: u64 = value == value ? reinterpret<u64>(value) : 0x7ff8000000000000;
  store<u32>(address, <u32>(bits >> 32));
  store<u32>(address, <u32>bits, 4);
}

/** Python's max and min: the first unless the second is larger or smaller, so that NaN counts as it does there. */
export function pythonMax(a: f64, b: f64): f64 {
  return b > a ? b : a;
}

export function pythonMin(a: f64, b: f64): f64 {
  return b < a ? b : a;
}
