/** The same numbers under another shape. Only what lies in memory as it is may be seen anew, so no kernel runs. */
import type { GraphBuilder } from '../graph/builder';
import { sharesRows, sizeOf, type Tensor } from '../graph/tensor';

/**
 * A shape with its -1 replaced by what is left over.
 *
 * @throws {RangeError} naming the layer, when the numbers do not fit
 */
function completed(name: string, shape: readonly number[], size: number): readonly number[] {
  const given = shape.filter((n) => n !== -1).reduce((a, b) => a * b, 1);
  const complete = shape.map((n) => (n === -1 ? size / given : n));
  const fits = complete.every((n) => Number.isInteger(n) && n > 0) && shape.length > 0;
  if (!fits || complete.reduce((a, b) => a * b, 1) !== size || shape.filter((n) => n === -1).length > 1) {
    throw new RangeError(`${name}: ${size} numbers have no shape [${shape.join(', ')}]`);
  }
  return complete;
}

/**
 * Appends x seen as `shape`, of which one size may be -1. The first size counts the rows, all others make up a row.
 *
 * @throws {RangeError} naming the layer, when there are not as many numbers, or when rows have pads that would have to
 *   go or come: their lengths differ and one of them is no multiple of four
 */
export function reshape(
  builder: GraphBuilder,
  x: Tensor,
  options: { readonly name: string; readonly shape: readonly number[] },
): Tensor {
  const { name } = options;
  const shape = completed(name, options.shape, sizeOf(x));
  if (!sharesRows(x, { shape })) {
    throw new RangeError(
      `${name}: [${x.shape.join(', ')}] cannot be seen as [${shape.join(', ')}], because rows that are no multiple of four ` +
        'numbers long have pads between them',
    );
  }
  return builder.operation({
    inputs: [x],
    output: builder.tensor(`${name}.output`, shape, { aliasOf: x }),
    gradient: ({ outputGradient, wanted: [wanted] }) => [
      wanted ? builder.tensor(`${name}.input.grad`, x.shape, { aliasOf: outputGradient }) : null,
    ],
  });
}
