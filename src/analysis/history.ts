/**
 * The past of a run in bounded memory: buckets of `stride` consecutive steps. When all buckets are used,
 * neighbours are merged and the stride doubles. A bucket keeps the smallest, largest and last value, so that a
 * spike of one step survives any number of merges.
 */
import type { Digest } from './digest';

/** Buckets of full resolution before the first merge; a run shorter than this is kept step by step. */
const CAPACITY = 16384;

/** Smallest, largest and last value of each bucket; NaN where no value was finite. */
export class ExtremeColumn {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly last: Float32Array;

  constructor(capacity: number) {
    this.low = new Float32Array(capacity).fill(NaN);
    this.high = new Float32Array(capacity).fill(NaN);
    this.last = new Float32Array(capacity).fill(NaN);
  }

  /** Adds a value to a bucket; `fresh` when it is the bucket's first. */
  add(bucket: number, value: number, fresh: boolean): void {
    if (fresh) this.low[bucket] = this.high[bucket] = NaN;
    this.last[bucket] = value;
    if (!Number.isFinite(value)) return;
    if (!(this.low[bucket] <= value)) this.low[bucket] = value;
    if (!(this.high[bucket] >= value)) this.high[bucket] = value;
  }

  merge(into: number, left: number, right: number): void {
    this.low[into] = smaller(this.low[left], this.low[right]);
    this.high[into] = -smaller(-this.high[left], -this.high[right]);
    this.last[into] = this.last[right];
  }
}

/** The smaller of two values, ignoring NaN. */
const smaller = (a: number, b: number): number => (Number.isNaN(a) || b < a ? b : a);

/**
 * By layer, the share of all non-zero gradients that this layer's underflow makes up, for the bucket's step with
 * the smallest and with the largest total. [bucket][layer].
 */
class UnderflowColumn {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly lowTotal: Float32Array;
  readonly highTotal: Float32Array;
  readonly layers: number;

  constructor(capacity: number, layers: number) {
    this.layers = layers;
    this.low = new Float32Array(capacity * layers);
    this.high = new Float32Array(capacity * layers);
    this.lowTotal = new Float32Array(capacity);
    this.highTotal = new Float32Array(capacity);
  }

  add(bucket: number, shares: Float32Array, total: number, fresh: boolean): void {
    // Steps without a single finite gradient that is not zero have no share; they leave a gap.
    if (Number.isNaN(total) && !fresh) return;
    const first = fresh || Number.isNaN(this.lowTotal[bucket]);
    if (first || total < this.lowTotal[bucket]) {
      this.lowTotal[bucket] = total;
      this.low.set(shares, bucket * this.layers);
    }
    if (first || total > this.highTotal[bucket]) {
      this.highTotal[bucket] = total;
      this.high.set(shares, bucket * this.layers);
    }
  }

  merge(into: number, left: number, right: number): void {
    const none = Number.isNaN(this.lowTotal[left]);
    const low = none || this.lowTotal[right] < this.lowTotal[left] ? right : left;
    const high = none || this.highTotal[right] > this.highTotal[left] ? right : left;
    this.lowTotal[into] = this.lowTotal[low];
    this.highTotal[into] = this.highTotal[high];
    this.low.copyWithin(into * this.layers, low * this.layers, (low + 1) * this.layers);
    this.high.copyWithin(into * this.layers, high * this.layers, (high + 1) * this.layers);
  }
}

/** Steps whose loss was infinite or NaN. */
export interface BadLoss {
  count: number;
  /** The first of them, and the first of those up to the newest step without a finite one between; null if none. */
  first: number | null;
  since: number | null;
}

export interface LaneHistory {
  readonly loss: ExtremeColumn;
  /** log2 of the scale used. */
  readonly scale: ExtremeColumn;
  readonly underflow: UnderflowColumn;
  readonly badLoss: BadLoss;
}

export class History {
  readonly lanes: readonly LaneHistory[];
  /** Steps per bucket. */
  stride = 1;
  /** Steps recorded so far; the next one has this index. */
  steps = 0;
  readonly layers: number;
  private readonly capacity: number;

  constructor(laneCount: number, layers: number, capacity = CAPACITY) {
    this.layers = layers;
    this.capacity = capacity;
    this.lanes = Array.from({ length: laneCount }, () => ({
      loss: new ExtremeColumn(capacity),
      scale: new ExtremeColumn(capacity),
      underflow: new UnderflowColumn(capacity, layers),
      badLoss: { count: 0, first: null, since: null },
    }));
  }

  /** Used buckets, the last one perhaps partly. */
  get buckets(): number {
    return Math.ceil(this.steps / this.stride);
  }

  /** First step of a bucket. */
  stepOf(bucket: number): number {
    return bucket * this.stride;
  }

  append(digest: Digest): void {
    const shares = new Float32Array(this.layers);
    for (let index = 0; index < digest.steps; index++) {
      if (this.steps === this.capacity * this.stride) this.compact();
      const bucket = Math.floor(this.steps / this.stride);
      const fresh = this.steps % this.stride === 0;
      this.lanes.forEach((lane, laneIndex) => {
        const row = index * this.lanes.length + laneIndex;
        const loss = digest.loss[row];
        noteLoss(lane.badLoss, loss, this.steps);
        lane.loss.add(bucket, loss, fresh);
        lane.scale.add(bucket, Math.log2(digest.scale[row]), fresh);
        lane.underflow.add(bucket, shares, sharesOf(digest, row, this.layers, shares), fresh);
      });
      this.steps++;
    }
  }

  private compact(): void {
    for (let into = 0; into < this.capacity / 2; into++) {
      for (const lane of this.lanes) {
        lane.loss.merge(into, 2 * into, 2 * into + 1);
        lane.scale.merge(into, 2 * into, 2 * into + 1);
        lane.underflow.merge(into, 2 * into, 2 * into + 1);
      }
    }
    this.stride *= 2;
  }
}

function noteLoss(bad: BadLoss, loss: number, step: number): void {
  if (Number.isFinite(loss)) {
    bad.since = null;
    return;
  }
  bad.count++;
  bad.first ??= step;
  bad.since ??= step;
}

/** Writes each layer's part in the share of underflow into `shares` and returns the total share; NaN without gradients. */
function sharesOf(digest: Digest, row: number, layers: number, shares: Float32Array): number {
  let nonzero = 0;
  let underflow = 0;
  for (let layer = 0; layer < layers; layer++) {
    nonzero += digest.nonzero[row * layers + layer];
    underflow += digest.underflow[row * layers + layer];
  }
  for (let layer = 0; layer < layers; layer++) {
    shares[layer] = nonzero > 0 ? digest.underflow[row * layers + layer] / nonzero : NaN;
  }
  return nonzero > 0 ? underflow / nonzero : NaN;
}
