// The policy table: how a lane writes the values of a cast site. src/graph/policy.ts packs it.

import package::layout::Policy;

// [site][lane]
@group(0) @binding(3) var<storage, read> policy: array<Policy>;
