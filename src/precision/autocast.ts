/**
 * Autocast as a table: cast site → number format, for one lane. The framework's table says in which type an operation
 * runs, a person may have chosen another for a layer or a site, and a backward operation runs in the type of its forward
 * operation.
 */
import type { PossibleSite, SiteDemand } from '../graph/builder';
import { isGradientRole, type Site } from '../graph/tensor';
import { FORMATS, type NumberFormat } from '../numerics/formats';
import { pytorch } from './pytorch';
import { classOf, type AutocastClass, type AutocastTable } from './table';

/** What decides about the formats of a lane. FP32 forward and backward is the baseline: it changes nothing anywhere. */
export interface LanePrecision {
  readonly autocast: AutocastTable;
  /** The lane's format: what low-precision operations write in the forward pass, and what they read. */
  readonly forward: NumberFormat;
  /** What they write in the backward pass. PyTorch uses the same; FP8 recipes do not. */
  readonly backward: NumberFormat;
  /** The table's second type, where it has one. */
  readonly wide: NumberFormat;
  /** Formats chosen by hand: of a layer, in which it then runs, or of a single site. */
  readonly byHand: ReadonlyMap<string, NumberFormat>;
}

/** PyTorch's CUDA autocast, nothing by hand. */
export const inFormats = (forward: NumberFormat, backward: NumberFormat = forward): LanePrecision => ({
  autocast: pytorch,
  forward,
  backward,
  wide: FORMATS.fp32,
  byHand: new Map(),
});

/** The type of a value, and that of its gradient. */
interface Type {
  readonly value: NumberFormat;
  readonly gradient: NumberFormat;
}

const FULL: Type = { value: FORMATS.fp32, gradient: FORMATS.fp32 };

/** What a format can be asked about before there is a site for it. */
type Place = Pick<Site | PossibleSite, 'name' | 'layer' | 'role' | 'op' | 'sources'> & { owner?: string };

/**
 * Whether every value of `narrow` is a value of `wide`, so that a cast changes none. An infinity or a NaN counts as a
 * value: a wider format without them does not hold it.
 */
export function contains(wide: NumberFormat, narrow: NumberFormat): boolean {
  return (
    wide.significandBits >= narrow.significandBits &&
    wide.maxFinite >= narrow.maxFinite &&
    wide.minSubnormal <= narrow.minSubnormal &&
    (wide.subnormals === 'keep' || wide.minNormal <= narrow.minSubnormal) &&
    (wide.hasInfinity || !narrow.hasInfinity)
  );
}

const isFull = (format: NumberFormat): boolean => format === FORMATS.fp32;

/** The type in which two values meet; FP32 where neither type holds the other, as FP16 and bf16. */
function widerOf(a: Type, b: Type): Type {
  if (contains(a.value, b.value)) return a;
  return contains(b.value, a.value) ? b : FULL;
}

const isRaw = (site: Site | null): site is null => site === null;

/** Types of the values at the sites of one lane, and from them the format of each site. */
class LaneTypes {
  readonly #lane: LanePrecision;

  constructor(lane: LanePrecision) {
    this.#lane = lane;
  }

  /** The type of a value; raw data are FP32. */
  typeOf(place: Place | null): Type {
    if (place === null) return FULL;
    const { name, layer, op, owner = layer } = place;
    const byHand = this.#lane.byHand.get(name) ?? this.#lane.byHand.get(owner);
    if (byHand) return this.#chosen(byHand);
    return this.#typeIn(classOf(this.#lane.autocast, op), place);
  }

  /** A format by hand is that of the values and their gradients; the lane's own is meant with its gradient format. */
  #chosen(format: NumberFormat): Type {
    const { forward, backward } = this.#lane;
    return { value: format, gradient: format === forward ? backward : format };
  }

  #typeIn(cls: AutocastClass, { role, op, sources }: Place): Type {
    const { forward, backward, wide } = this.#lane;
    // A batch that no layer with weights reads is in the lane's format: there is no operation to decide.
    if (op === 'input' && cls !== 'wide') return { value: forward, gradient: backward };
    switch (cls) {
      case 'low':
        return { value: forward, gradient: backward };
      case 'full':
        return FULL;
      case 'wide':
        return { value: wide, gradient: wide };
      case 'tiles':
        return { value: role === 'input' || role === 'weight' ? forward : wide, gradient: wide };
      case 'follow':
      case 'widest': {
        // Data are given in the type of what they meet: targets are `y.half()` where the model is.
        const known = sources.filter((source) => !isRaw(source)).map((source) => this.typeOf(source));
        return known.length > 0 ? known.reduce(widerOf) : FULL;
      }
    }
  }

  formatOf(place: Place): NumberFormat {
    const byHand = this.#lane.byHand.get(place.name);
    if (byHand) return byHand;
    if (!isGradientRole(place.role)) return this.typeOf(place).value;
    if (place.role === 'gradient operand' && this.#readsTiles(place)) return this.#lane.backward;
    const [source = null] = place.sources;
    return this.typeOf(source).gradient;
  }

  #readsTiles({ layer, op, owner = layer }: Place): boolean {
    return !this.#lane.byHand.has(owner) && classOf(this.#lane.autocast, op) === 'tiles';
  }

  /** See `SiteDemand.changes`. */
  changes(from: Site | null, to: PossibleSite): boolean {
    if (isGradientRole(to.role)) {
      return !contains(this.formatOf(to), from ? this.formatOf(from) : FORMATS.fp32);
    }
    const [source, target] = [this.typeOf(from), this.typeOf(to)];
    // The operation writes the gradient of its operand in its own type. Where that is FP32, which rounds nothing, one
    // rounding to the type of what was cast is all there is.
    const oneRounding = target.gradient === source.gradient || isFull(target.gradient);
    // A product of matrices asks for the types of its operands, so one that is widened is widened.
    const sameProduct = target.value === source.value || isFull(target.value);
    return !contains(target.value, source.value) || !oneRounding || !sameProduct;
  }

  retypes(from: Site | null, to: PossibleSite): boolean {
    const [source, target] = [this.typeOf(from), this.typeOf(to)];
    return source.value !== target.value || source.gradient !== target.gradient;
  }
}

/** What the lanes of a program want of a graph that is being built for them. */
export function demandOf(lanes: readonly LanePrecision[]): SiteDemand {
  const types = lanes.map((lane) => new LaneTypes(lane));
  return {
    changes: (from, to) => types.some((lane) => lane.changes(from, to)),
    retypes: (from, to) => types.some((lane) => lane.retypes(from, to)),
    rounds: (site) => types.some((lane) => !isFull(lane.formatOf(site))),
  };
}

/** The policy table of one lane: the format of every site, by site id. */
export function policyTable(sites: readonly Site[], lane: LanePrecision): readonly NumberFormat[] {
  const types = new LaneTypes(lane);
  const table: NumberFormat[] = [];
  for (const site of sites) table[site.id] = types.formatOf(site);
  return table;
}
