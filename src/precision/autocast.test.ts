import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { AutocastClass, Site, SiteRole } from '../graph/tensor';
import { FORMATS } from '../numerics/formats';
import { policyTable } from './autocast';

/** A layer in low precision, an activation that follows it, a normalisation in FP32 and one that follows that. */
function sites(): readonly Site[] {
  const builder = new GraphBuilder();
  const add = (name: string, role: SiteRole, autocast: AutocastClass, source: Site | null): Site =>
    builder.site(name, builder.tensor(name, [2, 2]), { layer: name.split('.')[0], role, autocast, source });
  const output = add('fc1.output', 'output', 'low', null);
  const activation = add('act.output', 'output', 'follow', output);
  const norm = add('norm.output', 'output', 'full', activation);
  const after = add('act2.output', 'output', 'follow', norm);
  add('raw.output', 'output', 'follow', null);
  add('act2.grad', 'activation gradient', 'follow', after);
  add('act.grad', 'activation gradient', 'follow', activation);
  const weight = add('fc1.weight', 'weight', 'low', null);
  add('fc1.weight.grad', 'parameter gradient', 'follow', weight);
  return builder.sites;
}

describe('policyTable', () => {
  const names = (forward: keyof typeof FORMATS, backward = forward): string[] =>
    policyTable(sites(), { forward: FORMATS[forward], backward: FORMATS[backward] }).map(({ name }) => name);

  it('runs low sites and what follows them in the low format, and the rest in FP32', () => {
    expect(names('fp16')).toEqual(['fp16', 'fp16', 'fp32', 'fp32', 'fp32', 'fp32', 'fp16', 'fp16', 'fp16']);
  });

  it('gives gradients of low sites the backward format', () => {
    expect(names('e4m3fn', 'e5m2')).toEqual([
      // Forward sites, then gradients and the weight.
      'e4m3fn',
      'e4m3fn',
      'fp32',
      'fp32',
      'fp32',
      'fp32',
      'e5m2',
      'e4m3fn',
      'e5m2',
    ]);
  });

  it('is FP32 everywhere for the baseline', () => {
    expect(new Set(names('fp32'))).toEqual(new Set(['fp32']));
  });
});
