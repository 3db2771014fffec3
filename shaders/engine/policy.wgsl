// The policy table: how a lane writes the values of a cast site. src/graph/policy.ts packs it.

import package::numerics::accumulation::Accumulation;
import package::numerics::round::Format;

struct Policy {
  // The number format and the direction of rounding.
  format: Format,
  // Key of the random numbers of stochastic rounding.
  seed: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // Where products are added up: how, and what their operands are.
  accumulation: Accumulation,
}

// [site][lane]
@group(0) @binding(3) var<storage, read> policy: array<Policy>;
