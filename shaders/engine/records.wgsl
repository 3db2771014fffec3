// What a step reports, per slot and lane: a header, then eight counters per site. `package::layout` has the offsets.

@group(0) @binding(4) var<storage, read_write> records: array<atomic<u32>>;

// Index of the first word of a lane's record; `slot`, `lane_count` and `record_words` are those of the control block.
fn record_base(slot: u32, lane: u32, lane_count: u32, record_words: u32) -> u32 {
  return (slot * lane_count + lane) * record_words;
}
