/**
 * The structures that TypeScript, WGSL and AssemblyScript share. A word is added here and nowhere else: offsets,
 * sizes, `struct Lane` in the shaders and the constants of the WebAssembly kernels follow.
 */
import { block, f32, i32, nested, pad, struct, u32 } from './struct.ts';

/** Where an overflow is looked for besides the casts of the gradients (training/overflow-check.ts). */
export const LOOKS_AT = { casts: 0, unscaled: 1, norm: 2, sum: 3 } as const;

/** Words that hold what the rule of any loss scaler reads, and what any of them remembers (training/scalers). */
const SCALER_PARAMETER_WORDS = 12;
export const SCALER_STATE_WORDS = 8;

/**
 * Stochastic rounding draws, for element i of the tensor that is written at a site (counted with the pads, from the
 * lane's first), component i mod 4 of Philox 4x32-10 with the counter (i div 4, stream, step, ROUNDING_STREAM) under the
 * key (seed, 0). Initial weights have counters that end in 0 (numerics/philox.ts), so no number is used twice.
 */
export const ROUNDING_STREAM = 1;

/** What the engine knows about one lane besides its tensors. Settings come first, then what kernels write. */
export const LANE_LAYOUT = struct('Lane', 'Settings and state of a lane', {
  scaler: u32('Kind of its loss scaler: the place in the list of training/scalers'),
  skipsOverflow: u32('1 if a step with an overflow is skipped'),
  looksAt: u32('A LOOKS_AT constant'),
  dividesByScale: u32('1 if gradients are divided by the scale, 0 if they are multiplied by inverseScale'),
  scalerParameters: block(
    'u32',
    SCALER_PARAMETER_WORDS,
    "What the scaler's rule reads, as its description encodes it",
  ),
  multiplier: f32('The loss weight'),
  learningRate: f32(),
  momentum: f32(),
  beta1: f32(),
  beta2: f32(),
  oneMinusBeta1: f32('Rounded from the difference of doubles, as PyTorch has it'),
  oneMinusBeta2: f32(),
  epsilon: f32(),
  singleTensor: u32('1: operations of the optimizer one by one, each of which writes a tensor'),
  kahan: u32('1: weights have compensations'),
  seed: u32('Key of its random streams'),
  scale: f32('The loss scale in force; may be subnormal. From here on state, which kernels write'),
  inverseScale: f32(),
  scalerState: block('u32', SCALER_STATE_WORDS, 'What the scaler remembers, as its description encodes it'),
  raised: u32('What the scaler has raised, counted from 1; 0 while the lane trains'),
  optimizerSteps: u32('Executed ones; skipped ones do not count'),
  skippedSteps: u32(),
  momentFactor: f32('What training/rescale multiplies with'),
});

/** Words before this one are settings, from it on state. */
export const LANE_STATE_START = LANE_LAYOUT.at.scale;

/** What a step reports of a lane before the counters of its sites. */
export const HEADER_LAYOUT = struct('Header', 'Of a record', {
  loss: f32('Without multiplier and scale'),
  scale: f32('Used in this step'),
  foundInf: u32(
    '1 once an overflow is found: a parameter gradient rounded to an infinity or NaN, or what overflow_check finds',
  ),
  scaleAfter: f32(),
  growthTrackerAfter: u32(),
  optimizerSteps: u32('Executed ones, this one included'),
  correct: u32('Evaluation plans only: rows classified correctly'),
  raised: u32('What the scaler has raised by the end of this step, counted from 1, or 0'),
  scalerState: block('u32', SCALER_STATE_WORDS, "The lane's after this step"),
});

/**
 * The counters of one site. The first six are numbers of values, disjoint except that `subnormal` and `underflow`
 * describe results: a value counts once.
 */
export const COUNTER_LAYOUT = struct('Counter', 'Of a site, in a record', {
  zeroBefore: u32('Was zero before rounding'),
  underflow: u32('Was finite and not zero, became zero'),
  subnormal: u32('Became a non-zero subnormal of the format'),
  /**
   * IEEE 754, 7.4. It became infinite, NaN (E4M3), was saturated or, rounded towards zero, became the largest finite
   * number.
   */
  overflow: u32('Was finite; without a limit to the exponent it is rounded beyond the largest number'),
  nan: u32('Arrived as NaN'),
  infinite: u32('Arrived as infinity'),
  largest: u32('Largest finite magnitude before rounding, as f32 bits; 0 when there is none'),
  /** Complement, so that zeroed memory and atomicMax work. */
  smallest: u32('Complement of the smallest non-zero finite magnitude, as f32 bits; 0 when there is none'),
});

/**
 * The counters of a site of the role `update`, where it is counted what became of the updates of a step. The first four
 * are numbers of weights, disjoint; a weight or an update that is not finite is in none of them, and in a step that the
 * scaler skips all are 0. The others are sums over the weights: whole multiples of 2^-16, and what is left in 2^-32.
 */
export const UPDATE_LAYOUT = struct('Update', 'What became of updates, in a record', {
  zeroGradient: u32('The update was zero, and so was the gradient'),
  zeroUpdate: u32('The update was zero though the gradient was not: rounded to zero on the way'),
  roundedAway: u32('The update was not zero, and the weight stayed as it was'),
  moved: u32('The weight is another one now'),
  intended: u32('Magnitudes of updates'),
  intendedRest: u32(),
  covered: i32('How far the weights went in the directions of their updates'),
  coveredRest: u32(),
});

/** Where a run stands. Written by one kernel alone (training/advance). */
export const CONTROL_LAYOUT = struct('Control', 'Where a run stands', {
  step: u32('Zero-based index of the running step'),
  slot: u32("Where this step's records go: step modulo slot_count"),
  zero: u32('Always 0, which a compiler cannot know: begin_exact(control.zero)'),
  laneCount: u32(),
  recordWords: u32("Of one lane's record: header and counters of all sites"),
  slotCount: u32(),
  // A uniform block is a multiple of 16 bytes.
  reserved: pad(2),
});

/** A number format and a direction of rounding: numerics/formats.ts, `formatWords`. */
export const FORMAT_LAYOUT = struct('Format', 'A number format and a direction of rounding', {
  low: u32(
    'Smallest magnitude whose grid is that of add-and-mask: the smallest normal, or 0 if all of f32 is',
  ),
  span: u32('Largest finite magnitude minus low; 0 where the direction depends on sign or chance'),
  increment: u32('Added to the magnitude before truncation, without the tie-to-even bit'),
  flags: u32(
    'Bits 0..4 dropped significand bits, 5..7 direction, 8..9 overflow rule, 10 flush, 11 reserved top code,\n' +
      '12 ties to even, 16..23 f32 exponent field of the largest finite value, 24..29 random bits',
  ),
});

/** How products are added up: numerics/accumulation-procedures.ts, `accumulationWords`. */
export const ACCUMULATION_LAYOUT = struct('Accumulation', 'How products are added up', {
  procedure: u32('Bits 0..7 procedure, 8 steps in the format, 9 interleaved tensor core'),
  length: u32('Of chunks, or the promotion interval; 0 for none'),
  rule: u32('Bits 0..7 block, 8..15 fraction bits, 16..23 output bits'),
  minFields: u32('Bits 0..7 lowest exponent field of the first operands, 8..15 of the second'),
  format: nested(FORMAT_LAYOUT, 'In which steps are rounded'),
});

/** How a lane writes the values of a cast site; graph/policy.ts packs it. */
export const POLICY_LAYOUT = struct('Policy', 'How a lane writes the values of a cast site', {
  format: nested(FORMAT_LAYOUT),
  seed: u32('Key of the random numbers of stochastic rounding'),
  stream: u32('Second word of their counter: Site.stream in src/graph/tensor.ts'),
  reserved: pad(2),
  accumulation: nested(ACCUMULATION_LAYOUT, 'Where products are added up: how, and what their operands are'),
});

/** Where an operand of a shader lies in its buffer (graph/plan.ts). */
export const VIEW_LAYOUT = struct(
  'View',
  'Where an operand lies; in f32 elements, all but columns multiples of four',
  {
    offset: u32(),
    laneStride: u32('0 for a tensor that all lanes share'),
    rowStride: u32(
      'Columns rounded up to a multiple of four; the elements between are +0 and have to stay so',
    ),
    columns: u32(),
  },
);
