// Settings and scaler state of each lane; src/graph/lanes.ts (LANE_WORDS) is the same list.

struct Lane {
  // 0 none, 1 static, 2 dynamic.
  scaler: u32,
  // f64 as PyTorch holds it, in two words.
  growth_factor_high: u32,
  growth_factor_low: u32,
  backoff_factor_high: u32,
  backoff_factor_low: u32,
  growth_interval: u32,
  multiplier: f32,
  learning_rate: f32,
  momentum: f32,
  beta1: f32,
  beta2: f32,
  one_minus_beta1: f32,
  one_minus_beta2: f32,
  epsilon: f32,
  seed: u32,
  reserved0: u32,
  // From here on state, which kernels write.
  scale: f32,
  inverse_scale: f32,
  growth_tracker: u32,
  optimizer_steps: u32,
  skipped_steps: u32,
  // What rescale.wgsl multiplies with.
  moment_factor: f32,
  reserved2: u32,
  reserved3: u32,
}

const SCALER_NONE: u32 = 0u;
const SCALER_STATIC: u32 = 1u;
const SCALER_DYNAMIC: u32 = 2u;

@group(0) @binding(2) var<storage, read_write> lanes: array<Lane>;
