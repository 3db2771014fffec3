/** Flattens all dimensions but the batch. Samples are rows in memory already, so this is only another view of x. */
import type { GraphBuilder } from '../graph/builder';
import { columnsOf, rowsOf, type Tensor } from '../graph/tensor';
import { reshape } from './reshape';

/** Appends x [batch, ...] seen as [batch, features]. No kernel runs, forward or backward. */
export const flatten = (builder: GraphBuilder, x: Tensor, { name }: { readonly name: string }): Tensor =>
  reshape(builder, x, { name, shape: [rowsOf(x), columnsOf(x)] });
