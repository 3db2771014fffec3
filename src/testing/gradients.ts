/**
 * Holds the backward pass of operations to finite differences: central differences of the same function in double
 * precision, so that what differs is the rounding of the FP32 gradient and nothing else.
 */
import { expect } from 'vitest';
import { GraphBuilder, type SiteDemand } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import { packMatrix, unpackMatrix } from '../graph/packing';
import { plan } from '../graph/plan';
import { sizeOf, type Tensor } from '../graph/tensor';
import { FORMATS } from '../numerics/formats';
import { accumulate } from '../ops/add';
import { gaussian } from './inputs';
import { DEFAULT_SETTINGS } from './kernels';
import { runOnReference } from './plans';

export interface Differentiable {
  /** Shapes of the inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** Appends the function and returns its output. */
  readonly build: (builder: GraphBuilder, inputs: readonly Tensor[]) => Tensor;
  /** The same in double precision, of the inputs and then the parameters in the order of their creation. */
  readonly evaluate: (values: readonly Float64Array[]) => ArrayLike<number>;
  /** Where casts stand; nowhere unless told. Formats are FP32 all the same. */
  readonly demand?: SiteDemand;
  /** Of the inputs' normal distribution; 1 unless told. */
  readonly deviation?: number;
}

/** The error of a central difference with this step is about 1e-9, that of the double function over the step 1e-11. */
const STEP = 1e-5;
/** Relative to the largest gradient: sums of a few dozen terms, each rounded to 24 bits. */
const TOLERANCE = 1e-5;

/** Σ seed · evaluate(values), differentiated by value `i` of operand `operand`. */
function centralDifference(
  { evaluate }: Differentiable,
  seed: Float32Array,
  values: readonly Float64Array[],
  operand: number,
  i: number,
): number {
  const at = (shift: number): number => {
    const shifted = values.map((of, j) => (j === operand ? of.with(i, of[i] + shift) : of));
    return seed.reduce((sum, s, j) => sum + s * evaluate(shifted)[j], 0);
  };
  return (at(STEP) - at(-STEP)) / (2 * STEP);
}

/** Checks the gradients of a function by all its inputs and parameters, on the references and in FP32. */
export function expectGradients(f: Differentiable): void {
  const builder = new GraphBuilder(f.demand);
  const inputs = f.inputs.map((shape, i) => builder.tensor(`input ${i}`, shape));
  const output = f.build(builder, inputs);
  const seed = builder.tensor('seed', output.shape);
  const gradients = differentiate(builder, output, seed, accumulate);
  const operands = [...inputs, ...builder.parameters.map(({ cast }) => cast)];
  const values = operands.map((tensor, i) => gaussian(sizeOf(tensor), 7 * i + 1, f.deviation));
  const seedValues = gaussian(sizeOf(seed), 1000);

  const graph = plan(builder);
  const buffers = new Map<string, Float32Array>();
  [...operands, seed].forEach((tensor, i) => {
    const view = graph.view(tensor);
    const buffer = buffers.get(view.buffer) ?? new Float32Array(graph.buffers.get(view.buffer)!.elements);
    buffers.set(view.buffer, buffer);
    packMatrix(values[i] ?? seedValues, view, buffer);
  });
  const result = runOnReference({
    plan: graph,
    settings: [DEFAULT_SETTINGS],
    formats: [graph.sites.map(() => FORMATS.fp32)],
    buffers,
  });

  const exact = values.map((dense) => Float64Array.from(dense));
  operands.forEach((operand, index) => {
    const view = graph.view(gradients.get(operand)!);
    const found = unpackMatrix(view, result.buffers.get(view.buffer)!);
    const expected = Float64Array.from(found, (_, i) => centralDifference(f, seedValues, exact, index, i));
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(largest, `gradient of ${operand.name}`).toBeGreaterThan(0);
    found.forEach((x, i) => {
      const error = Math.abs(x - expected[i]);
      expect(error, `gradient of ${operand.name} at ${i}`).toBeLessThan(TOLERANCE * largest);
    });
  });
}
