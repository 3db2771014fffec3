/**
 * What a kernel knows of its WGSL. Importing a file under shaders/ gives a ShaderSource; the bundler plugin has
 * linked its imports and settled its `@if` conditions by then, for every combination, so that choosing a variant
 * at run time is a table look-up and the linker itself is not shipped.
 */

/** The names that `@if(...)` may use in shaders/. The linker refuses any other. */
export const SHADER_CONDITIONS = [
  'native_ftz',
  'counting',
  'quads',
  'general_rounding',
  'general_accumulation',
] as const;

export type ShaderCondition = (typeof SHADER_CONDITIONS)[number];

/** What a device and a backend want of all kernels. */
type BackendCondition = 'native_ftz' | 'counting' | 'quads';
/** What a program needs because of its lanes; false where it is not mentioned. */
export type ProgramConditions = Readonly<
  Partial<Record<Exclude<ShaderCondition, BackendCondition>, boolean>>
>;

/**
 * One variant of a shader.
 * - `native_ftz`: the device flushes subnormal results by itself (the numerics probe has seen it), so the
 *   explicit flushes can be left out.
 * - `counting`: kernels that round also count what happened to the values.
 * - `quads`: the device executes exactly four invocations at a time, which share what they load in products of matrices
 *   (shaders/ops/tile.wgsl). Software adapters do.
 * - `general_rounding`: some lane does not round to nearest even.
 * - `general_accumulation`: some lane does not add up products in FP32 in order.
 */
export type ShaderConditions = Readonly<Record<Exclude<BackendCondition, 'quads'>, boolean>> & {
  readonly quads?: boolean;
} & ProgramConditions;

/** Products are shared among four where each of them is made in the ordinary way, with nothing to flush. */
export const isShaderVariant = ({ quads, native_ftz, general_accumulation }: ShaderConditions): boolean =>
  quads !== true || (native_ftz && general_accumulation !== true);

/** The default export of a `.wgsl` file. */
export interface ShaderSource {
  /** The file, relative to shaders/: `ops/linear.wgsl`. */
  readonly path: string;
  /** Plain WGSL, ready for `createShaderModule`. Variants that do not differ are the same string. */
  text(conditions: ShaderConditions): string;
}
