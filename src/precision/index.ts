/** All frameworks, in the order in which they are offered. */
import { apexO0, apexO1, apexO2, apexO3 } from './apex';
import { kerasMixedBfloat16, kerasMixedFloat16 } from './keras';
import { bf16Masters, pureHalf } from './pure';
import { pytorch } from './pytorch';
import { pytorchCpu } from './pytorch-cpu';
import type { AutocastTable } from './table';
import { transformerEngine } from './transformer-engine';

export const AUTOCASTS = [
  pytorch,
  pytorchCpu,
  kerasMixedFloat16,
  kerasMixedBfloat16,
  apexO0,
  apexO1,
  apexO2,
  apexO3,
  pureHalf,
  bf16Masters,
  transformerEngine,
] as const;

export type AutocastId = (typeof AUTOCASTS)[number]['id'];

/** @throws {RangeError} with the names that there are */
export function autocastNamed(id: string): AutocastTable {
  const table: AutocastTable | undefined = AUTOCASTS.find((each) => each.id === id);
  if (!table) throw new RangeError(`one of ${AUTOCASTS.map((each) => each.id).join(', ')}`);
  return table;
}
