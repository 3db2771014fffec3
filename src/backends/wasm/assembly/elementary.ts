/**
 * exp, log and tanh in binary32: src/numerics/elementary.ts, operation for operation. Where no intermediate result can be
 * so small that flushing it would change a later one, it is left out; the comments say why.
 */
import { Vector } from './f32';
import { INFINITY_BITS, MAGNITUDE } from './round';

const LN2_HIGH: f32 = reinterpret<f32>(0x3f317200);
const LN2_LOW: f32 = reinterpret<f32>(0x35bfbe8e);
const LOG2_E: f32 = reinterpret<f32>(0x3fb8aa3b);

/** 1.5 · 2^23: adding it to a number of magnitude below 2^22 rounds that number to an integer. */
const INTEGER_SHIFT: f32 = 12582912;
const INTEGER_SHIFT_BITS: u32 = 0x4b400000;

const E0: f32 = reinterpret<f32>(0x3efffffe);
const E1: f32 = reinterpret<f32>(0x3e2aaa46);
const E2: f32 = reinterpret<f32>(0x3d2aac2d);
const E3: f32 = reinterpret<f32>(0x3c091eb8);
const E4: f32 = reinterpret<f32>(0x3ab55c4f);

/** From 104 on the result is infinity or zero by a wide margin. */
const EXP_RANGE: u32 = 0x42d00000;

/** a · x + b, in two roundings. */
class Step {
  @inline
  static of(a: v128, x: v128, b: f32): v128 {
    return f32x4.add(f32x4.mul(a, x), f32x4.splat(b));
  }
}

/**
 * e^x of four numbers; operands need not be flushed. Products below 2^-126 arise here only as terms of a sum with 1 or a
 * coefficient, which they do not reach, whether they are flushed or not.
 */
export function exp4(x: v128): v128 {
  const m = v128.and(x, i32x4.splat(MAGNITUDE));
  const shifted = Step.of(x, f32x4.splat(LOG2_E), INTEGER_SHIFT);
  const n = i32x4.sub(shifted, i32x4.splat(INTEGER_SHIFT_BITS));
  const multiple = f32x4.sub(shifted, f32x4.splat(INTEGER_SHIFT));
  const high = f32x4.sub(x, f32x4.mul(multiple, f32x4.splat(LN2_HIGH)));
  const low = f32x4.mul(multiple, f32x4.splat(LN2_LOW));
  const r = f32x4.sub(high, low);
  let q = Step.of(f32x4.splat(E4), r, E3);
  q = Step.of(q, r, E2);
  q = Step.of(q, r, E1);
  q = Step.of(q, r, E0);
  const tail = f32x4.sub(f32x4.mul(f32x4.mul(r, r), q), low);
  const y = f32x4.add(f32x4.splat(1), f32x4.add(high, tail));
  const exponent = i32x4.add(i32x4.shr_u(y, 23), n);
  const infinity = i32x4.splat(INFINITY_BITS);
  let result = v128.or(v128.and(y, i32x4.splat(0x7fffff)), i32x4.shl(exponent, 23));
  result = v128.bitselect(infinity, result, i32x4.gt_s(exponent, i32x4.splat(254)));
  result = v128.and(result, i32x4.gt_s(exponent, i32x4.splat(0)));
  const far = i32x4.ge_s(m, i32x4.splat(EXP_RANGE));
  const end = v128.andnot(infinity, i32x4.shr_s(x, 31));
  result = v128.bitselect(end, result, far);
  return v128.bitselect(f32x4.splat(NaN), result, i32x4.gt_s(m, infinity));
}

const L0: f32 = reinterpret<f32>(0x3eaaaaa4);
const L1: f32 = reinterpret<f32>(0xbe800038);
const L2: f32 = reinterpret<f32>(0x3e4cd2a1);
const L3: f32 = reinterpret<f32>(0xbe2a9782);
const L4: f32 = reinterpret<f32>(0x3e118157);
const L5: f32 = reinterpret<f32>(0xbe0082aa);
const L6: f32 = reinterpret<f32>(0x3df81d70);
const L7: f32 = reinterpret<f32>(0xbddf6ba9);
const L8: f32 = reinterpret<f32>(0x3d5892a7);
const SQRT_HALF_BITS: u32 = 0x3f3504f3;

/** Natural logarithm. `f` is 0 or at least 2^-24, so nothing here comes near 2^-126. */
export function log(x: f32): f32 {
  const u = reinterpret<u32>(x);
  const m = u & MAGNITUDE;
  if (m > INFINITY_BITS) return NaN;
  if (m < 0x00800000) return -Infinity;
  if (u >>> 31 != 0) return NaN;
  if (m == INFINITY_BITS) return Infinity;
  const k = (<i32>(u - SQRT_HALF_BITS)) >> 23;
  const f = reinterpret<f32>(u - (k << 23)) - 1;
  const z = f * f;
  let p = L8 * f + L7;
  p = p * f + L6;
  p = p * f + L5;
  p = p * f + L4;
  p = p * f + L3;
  p = p * f + L2;
  p = p * f + L1;
  p = p * f + L0;
  const tail = f * z * p - <f32>0.5 * z;
  const s = f + (tail + <f32>k * LN2_LOW);
  return <f32>k * LN2_HIGH + s;
}

const T0: f32 = reinterpret<f32>(0xbeaaaa99);
const T1: f32 = reinterpret<f32>(0x3e08837b);
const T2: f32 = reinterpret<f32>(0xbd5c1ad2);
const T3: f32 = reinterpret<f32>(0x3ca8fc67);
const T4: f32 = reinterpret<f32>(0xbbba8672);

const TANH_NEAR: f32 = 0.625;
const TANH_IDENTITY_BELOW: f32 = 0.0001220703125;
const TANH_ONE_FROM: f32 = 10;

/** tanh of four numbers; operands need not be flushed. The polynomial is for magnitudes from 2^-13, so it cannot flush. */
export function tanh4(value: v128): v128 {
  const magnitude = i32x4.splat(MAGNITUDE);
  const x = Vector.flush(v128.and(value, magnitude));
  const z = f32x4.mul(x, x);
  let p = Step.of(f32x4.splat(T4), z, T3);
  p = Step.of(p, z, T2);
  p = Step.of(p, z, T1);
  p = Step.of(p, z, T0);
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(x, z), p));
  const one = f32x4.splat(1);
  const e = f32x4.add(exp4(f32x4.add(x, x)), one);
  const away = f32x4.sub(one, f32x4.div(f32x4.splat(2), e));
  let result = v128.bitselect(near, away, f32x4.lt(x, f32x4.splat(TANH_NEAR)));
  result = v128.bitselect(x, result, f32x4.lt(x, f32x4.splat(TANH_IDENTITY_BELOW)));
  result = v128.bitselect(one, result, f32x4.ge(x, f32x4.splat(TANH_ONE_FROM)));
  return v128.or(result, v128.andnot(value, magnitude));
}
