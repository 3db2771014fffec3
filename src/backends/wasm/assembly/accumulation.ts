/**
 * Chooses how products are added up: in FP32 and in order (product.ts), or in another way that the policy of the site
 * names, at which the sums are written (src/numerics/accumulation-procedures.ts).
 */
import { multiply } from './product';

/** product = a · b of `left` and `right` (product.ts), whose roles are those of the kernel's first two operands. */
export function multiplyIn(
  policy: usize,
  rows: u32,
  columns: u32,
  terms: u32,
  out: usize,
  stride: u32,
  scratch: usize,
): void {
  multiply(rows, columns, terms, out, stride, scratch);
}

/** The same where `left` is the kernel's second operand and `right` its first. */
export function multiplySwapped(
  policy: usize,
  rows: u32,
  columns: u32,
  terms: u32,
  out: usize,
  stride: u32,
  scratch: usize,
): void {
  multiply(rows, columns, terms, out, stride, scratch);
}
