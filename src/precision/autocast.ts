/**
 * Autocast as a table: cast site → number format, for one lane. Which operations run low, in FP32 or in the type of
 * their input is written at the ops, after PyTorch's lists (aten/src/ATen/autocast_mode.h); a backward operation
 * runs in the type of its forward operation.
 */
import type { Site, SiteRole } from '../graph/tensor';
import { FORMATS, type NumberFormat } from '../numerics/formats';

/** The two formats that define the policy of a lane. FP32 in both is the baseline: it changes nothing anywhere. */
export interface AutocastFormats {
  /** What low-precision operations write in the forward pass, and what their inputs and weights are cast to. */
  readonly forward: NumberFormat;
  /** What they write in the backward pass. PyTorch uses the same; FP8 recipes do not. */
  readonly backward: NumberFormat;
}

const GRADIENTS: readonly SiteRole[] = ['activation gradient', 'parameter gradient'];

/** PyTorch's operations that run in low precision; the others run in the type of their input. */
const LOW: readonly string[] = ['linear', 'conv2d', 'input'];

/** Whether autocast runs the site in low precision: its own class, or that of what it follows; raw data are FP32. */
export function runsLow({ role, op, sources }: Pick<Site, 'role' | 'op' | 'sources'>): boolean {
  if (!GRADIENTS.includes(role) && LOW.includes(op)) return true;
  return sources.length > 0 && sources.every((source) => source !== null && runsLow(source));
}

export function formatOfSite(site: Site, { forward, backward }: AutocastFormats): NumberFormat {
  if (!runsLow(site)) return FORMATS.fp32;
  return GRADIENTS.includes(site.role) ? backward : forward;
}

/** The policy table of one lane: the format of every site, by site id. */
export function policyTable(sites: readonly Site[], formats: AutocastFormats): readonly NumberFormat[] {
  const table: NumberFormat[] = [];
  for (const site of sites) table[site.id] = formatOfSite(site, formats);
  return table;
}
