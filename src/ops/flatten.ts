/** Flattens all dimensions but the batch. Samples are rows in memory already, so this is only another view of x. */
import type { GraphBuilder } from '../graph/builder';
import { columnsOf, rowsOf, type Tensor } from '../graph/tensor';

/** Appends x [batch, ...] seen as [batch, features]. No kernel runs, forward or backward. */
export function flatten(builder: GraphBuilder, x: Tensor, options: { name: string }): Tensor {
  const { name } = options;
  return builder.operation({
    inputs: [x],
    output: builder.tensor(`${name}.output`, [rowsOf(x), columnsOf(x)], { aliasOf: x }),
    gradient: ({ outputGradient, wanted: [wanted] }) => [
      wanted ? builder.tensor(`${name}.input.grad`, x.shape, { aliasOf: outputGradient }) : null,
    ],
  });
}
