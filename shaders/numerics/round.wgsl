// Rounding of binary32 bit patterns to a number format, in integer arithmetic on the pattern.
//
// The same algorithm line by line as src/numerics/round.ts. WGSL guarantees neither a rounding direction nor
// infinities, NaN or subnormals for its floats, so nothing here is a float: values are f32 bit patterns in u32.

// One number format and one rounding direction; formatWords() in src/numerics/formats.ts fills it.
struct Format {
  // Smallest magnitude whose grid is that of add-and-mask: the smallest normal, or 0 if f32's subnormals are kept.
  low: u32,
  // Largest finite magnitude minus low; 0 where the direction depends on the sign, which the slow path does.
  span: u32,
  // Added to the magnitude before truncation, without the tie-to-even bit.
  increment: u32,
  // Bits 0..4 dropped significand bits, 5..7 direction, 8..9 overflow rule, 10 flush, 11 reserved top code,
  // 12 ties to even, 16..23 f32 exponent field of the largest finite value.
  flags: u32,
}

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY_BITS: u32 = 0x7f800000u;
// The one NaN pattern that rounding produces, whatever the payload and sign of its input.
const CANONICAL_NAN: u32 = 0x7fc00000u;
const F32_MIN_NORMAL: u32 = 0x00800000u;

const MODE_NEAREST_EVEN: u32 = 0u;
const MODE_NEAREST_AWAY: u32 = 1u;
const MODE_UP: u32 = 3u;
const MODE_DOWN: u32 = 4u;

const OVERFLOW_NAN: u32 = 1u;
const OVERFLOW_SATURATE: u32 = 2u;

const FLAG_FLUSH: u32 = 0x400u;

// Rounds an f32 bit pattern; the result is the f32 bit pattern of the rounded value.
fn round_bits(u: u32, f: Format) -> u32 {
  // One unsigned comparison: the magnitude lies on the add-and-mask grid and cannot round past the maximum.
  if ((u & MAGNITUDE) - f.low <= f.span) {
    let shift = f.flags & 31u;
    return (u + f.increment + ((u >> shift) & ((f.flags >> 12u) & 1u))) & (0xffffffffu << shift);
  }
  return round_special(u, f);
}

// round_bits of each component; the fast path is taken when all four are in range or zero.
fn round_bits4(u: vec4<u32>, f: Format) -> vec4<u32> {
  let m = u & vec4<u32>(MAGNITUDE);
  let shift = vec4<u32>(f.flags & 31u);
  let tie = vec4<u32>((f.flags >> 12u) & 1u);
  let rounded = (u + vec4<u32>(f.increment) + ((u >> shift) & tie)) & (vec4<u32>(0xffffffffu) << shift);
  let in_range = (m - vec4<u32>(f.low)) <= vec4<u32>(f.span);
  // Zeros are below `low` in most formats, and after a ReLU they are half of the data.
  let settled = in_range | (m == vec4<u32>(0u));
  let fast = select(u, rounded, in_range);
  if (all(settled)) {
    return fast;
  }
  var result = fast;
  for (var i = 0u; i < 4u; i++) {
    if (!settled[i]) {
      result[i] = round_special(u[i], f);
    }
  }
  return result;
}

// What has to be added before dropping `shift` bits; `kept` is the lowest bit that stays.
fn increment_for(mode: u32, negative: bool, shift: u32, kept: u32) -> u32 {
  if (shift == 0u) {
    return 0u;
  }
  if (mode == MODE_NEAREST_EVEN) {
    return (1u << (shift - 1u)) - 1u + kept;
  }
  if (mode == MODE_NEAREST_AWAY) {
    return 1u << (shift - 1u);
  }
  return select(0u, (1u << shift) - 1u, away_from_zero(mode, negative));
}

fn away_from_zero(mode: u32, negative: bool) -> bool {
  return mode == select(MODE_UP, MODE_DOWN, negative);
}

// The largest finite magnitude of the format.
fn max_finite_bits(flags: u32) -> u32 {
  let shift = flags & 31u;
  let steps = (0x7fffffu >> shift) - ((flags >> 11u) & 1u);
  return (((flags >> 16u) & 0xffu) << 23u) | (steps << shift);
}

// The smallest normal magnitude of the format.
fn min_normal_bits(f: Format) -> u32 {
  return max(f.low, F32_MIN_NORMAL);
}

// Zeros, subnormals, overflow, infinities, NaN, and every value in a direction that depends on the sign.
fn round_special(u: u32, f: Format) -> u32 {
  let m = u & MAGNITUDE;
  if (m == 0u) {
    return u;
  }
  if (m > INFINITY_BITS) {
    return CANONICAL_NAN;
  }
  let sign = u & SIGN;
  let negative = sign != 0u;
  let shift = f.flags & 31u;
  let mode = (f.flags >> 5u) & 7u;
  if (m < f.low) {
    if ((f.flags & FLAG_FLUSH) != 0u) {
      return sign | flushed(m, negative, f);
    }
    return sign | subnormal(m, negative, f);
  }
  let largest = max_finite_bits(f.flags);
  if (m == INFINITY_BITS) {
    return overflowed(sign, largest, f.flags);
  }
  let rounded = ((m + increment_for(mode, negative, shift, (m >> shift) & 1u)) >> shift) << shift;
  if (rounded <= largest) {
    return sign | rounded;
  }
  // IEEE 754 7.4: a direction that points towards zero stops at the largest finite value.
  if (mode > MODE_NEAREST_AWAY && !away_from_zero(mode, negative)) {
    return sign | largest;
  }
  return overflowed(sign, largest, f.flags);
}

fn overflowed(sign: u32, largest: u32, flags: u32) -> u32 {
  let rule = (flags >> 8u) & 3u;
  if (rule == OVERFLOW_NAN) {
    return CANONICAL_NAN;
  }
  return sign | select(INFINITY_BITS, largest, rule == OVERFLOW_SATURATE);
}

// A magnitude below the smallest normal of a format that keeps subnormals. Only formats with fewer exponent
// bits than f32 come here, so every value of the format, its subnormals included, is a normal f32.
fn subnormal(m: u32, negative: bool, f: Format) -> u32 {
  let shift = f.flags & 31u;
  let mode = (f.flags >> 5u) & 7u;
  let exponent = max(m >> 23u, 1u);
  let significand = select((m & 0x7fffffu) | F32_MIN_NORMAL, m, m < F32_MIN_NORMAL);
  // In units of 2^-149: the significand counts 2^(exponent-1), the format's smallest subnormal 2^(scale-1).
  let scale = (f.low >> 23u) + shift;
  // From 25 on every significand is below half a unit, so a larger distance changes nothing.
  let distance = min(scale - exponent, 25u);
  let units = (significand + increment_for(mode, negative, distance, (significand >> distance) & 1u)) >> distance;
  if (units == 0u) {
    return 0u;
  }
  let leading = firstLeadingBit(units);
  return ((leading + scale - 23u) << 23u) | ((units << (23u - leading)) & 0x7fffffu);
}

// A magnitude below the smallest normal of a format that flushes. Tininess is detected after rounding: what
// reaches the smallest normal when rounded with an unbounded exponent stays, everything else becomes zero.
fn flushed(m: u32, negative: bool, f: Format) -> u32 {
  let shift = f.flags & 31u;
  let mode = (f.flags >> 5u) & 7u;
  // One binade below 2^-126 the f32 pattern has a leading zero bit; doubled, it has the grid of a normal.
  let doubled = select(0u, 1u, m < F32_MIN_NORMAL);
  let p = m << doubled;
  let rounded = p + increment_for(mode, negative, shift, (p >> shift) & 1u);
  return select(0u, f.low, rounded >= (f.low << doubled));
}
