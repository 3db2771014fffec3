// Settings and state of each lane.

import package::layout::Lane;

@group(0) @binding(2) var<storage, read_write> lanes: array<Lane>;
