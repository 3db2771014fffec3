import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { Site, SiteRole } from '../graph/tensor';
import { FORMATS } from '../numerics/formats';
import { inFormats, policyTable } from './autocast';

/** A layer in low precision, an activation that follows it, a loss in FP32 and what follows that. */
function sites(): readonly Site[] {
  const builder = new GraphBuilder();
  const add = (name: string, role: SiteRole, op: string, ...sources: (Site | null)[]): Site =>
    builder.site(name, builder.tensor(name, [2, 2]), { layer: name.split('.')[0], role, op, sources });
  const output = add('fc1.output', 'output', 'linear', null);
  const activation = add('act.output', 'output', 'tanh', output);
  const raw = add('raw.output', 'output', 'tanh', null);
  add('sum.output', 'output', 'add', activation, raw);
  add('raw.grad', 'activation gradient', 'linear', raw);
  add('act.grad', 'activation gradient', 'tanh', activation);
  const weight = add('fc1.weight', 'weight', 'linear');
  add('fc1.weight.grad', 'parameter gradient', 'linear', weight);
  return builder.sites;
}

describe('policyTable', () => {
  const names = (forward: keyof typeof FORMATS, backward = forward): string[] =>
    policyTable(sites(), inFormats(FORMATS[forward], FORMATS[backward])).map(({ name }) => name);

  it('runs low sites and what follows them in the low format, and the rest in FP32', () => {
    expect(names('fp16')).toEqual(['fp16', 'fp16', 'fp32', 'fp32', 'fp32', 'fp16', 'fp16', 'fp16']);
  });

  it('gives gradients of low sites the backward format', () => {
    expect(names('e4m3fn', 'e5m2')).toEqual([
      // Forward sites, then gradients and the weight.
      'e4m3fn',
      'e4m3fn',
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
