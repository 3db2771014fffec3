/** Lanes that between them add up products in every way there is, each in a format for which it makes sense. */
import { parseAccumulation, type Accumulation } from '../numerics/accumulation';
import { parseFormat, type NumberFormat } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';

interface AccumulatingLane {
  readonly format: NumberFormat;
  readonly accumulation: Accumulation;
}

const lane = (format: string, accumulation: string): AccumulatingLane => ({
  format: parseFormat(format),
  accumulation: parseAccumulation(accumulation),
});

export const ACCUMULATING_LANES: readonly AccumulatingLane[] = [
  lane('fp32', 'fp32'),
  lane('fp16', 'format'),
  lane('bf16', 'format-fma'),
  lane('fp32', 'format-fma'),
  lane('e4m3fn', 'format'),
  lane('fp16', 'chunked:4'),
  lane('bf16', 'chunked:3:format'),
  lane('fp32', 'pairwise'),
  lane('fp16', 'pairwise:format'),
  lane('fp16', 'kahan'),
  lane('bf16', 'kahan:format'),
  lane('fp16', 'tensor-core:v100'),
  lane('bf16', 'tensor-core:a100'),
  lane('tf32', 'tensor-core:ada'),
  lane('e4m3fn', 'tensor-core:h100'),
  lane('e5m2', 'tensor-core:h100/32'),
  lane('fp16', 'tensor-core:h100'),
  lane('e4m3fn', 'tensor-core:b200'),
];

/** Values of each lane's format. */
export const roundedFor = (
  make: (lane: number) => Float32Array,
  lanes: readonly { readonly format: NumberFormat }[] = ACCUMULATING_LANES,
): Float32Array[] => lanes.map(({ format }, i) => make(i).map((x) => roundToFormat(x, format)));
