/** How many invocations compute a product of matrices; shaders/ops/tile.wgsl tells what each of them does. */
import type { ShaderConditions } from '../graph/shader';

/** Invocations for a product with so many rows and columns: `tile_count` of the shader. */
export const tileCount = (rows: number, columns: number, { quads }: ShaderConditions): number =>
  quads ? Math.ceil(rows / 16) * Math.ceil(columns / 8) * 4 : Math.ceil(rows / 4) * Math.ceil(columns / 4);
