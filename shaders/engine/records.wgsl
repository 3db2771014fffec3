// What a step reports, per slot and lane: a header, then eight counters per site. src/graph/records.ts says what
// each word means.

const HEADER_LOSS: u32 = 0u;
const HEADER_SCALE: u32 = 1u;
// 1 once a parameter gradient of this step was rounded to an infinity or NaN.
const HEADER_FOUND_INF: u32 = 2u;
const HEADER_SCALE_AFTER: u32 = 3u;
const HEADER_GROWTH_TRACKER_AFTER: u32 = 4u;
const HEADER_OPTIMIZER_STEPS: u32 = 5u;
const HEADER_CORRECT: u32 = 6u;
const HEADER_WORDS: u32 = 8u;

const COUNTER_ZERO_BEFORE: u32 = 0u;
const COUNTER_UNDERFLOW: u32 = 1u;
const COUNTER_SUBNORMAL: u32 = 2u;
const COUNTER_OVERFLOW: u32 = 3u;
const COUNTER_NAN: u32 = 4u;
const COUNTER_INFINITE: u32 = 5u;
const COUNTER_LARGEST: u32 = 6u;
const COUNTER_SMALLEST: u32 = 7u;
const COUNTER_WORDS: u32 = 8u;

@group(0) @binding(4) var<storage, read_write> records: array<atomic<u32>>;

// Index of the first word of a lane's record; `slot`, `lane_count` and `record_words` are those of the control block.
fn record_base(slot: u32, lane: u32, lane_count: u32, record_words: u32) -> u32 {
  return (slot * lane_count + lane) * record_words;
}
