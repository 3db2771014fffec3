import { describe, expect, test } from 'vitest';
import { Run } from '../../analysis/run';
import type { SiteInfo } from '../../engine/protocol';
import { parse } from '../../experiment/codec';
import type { RulerSites } from './state';
import { rulerView } from './views';

const site = (id: number, role: SiteInfo['role'], format: string): SiteInfo => ({
  id,
  name: `fc${id}`,
  layer: 'fc',
  role,
  count: 4,
  formats: ['fp32', format],
});

const sites = [
  site(0, 'output', 'fp16'),
  site(1, 'activation gradient', 'fp32'),
  site(2, 'parameter gradient', 'fp16'),
];

/** The f32 exponent field of the binade 2^exponent. */
const field = (exponent: number): number => exponent + 127;

/** After 8 steps, the last of them at scale 2^6 in FP32 and at 2^16 in FP16, with one value per site and lane. */
function viewOf(link: string, rulerSites: RulerSites = 'all') {
  const { experiment } = parse(link);
  const run = new Run(sites, experiment);
  const counts = new Uint32Array(2 * 2 * 256);
  // [site][lane][256].
  const bins = (row: number): Uint32Array => counts.subarray(row * 256, (row + 1) * 256);
  bins(0)[field(-20)] = 1;
  bins(1)[field(-10)] = 1;
  bins(2)[field(-30)] = 1;
  bins(3)[0] = 1;
  run.histograms = { step: 8, scale: [2 ** 6, 2 ** 16], sites: [1, 2], counts };
  // What has become of the scale since then is of no interest.
  run.scale[0] = 2 ** 9;
  run.scale[1] = 2 ** 15;
  const loaded = {
    run: 1,
    experiment,
    backend: { kind: 'cpu', adapter: '', notes: [] },
    chosen: { code: 'asked' },
    fallbackReason: null,
    sites,
    castChanges: [],
    stepsPerEpoch: 8,
    trainingRows: 1,
    evaluationRows: 1,
    metric: 'loss',
    parameters: 1,
    dispatchesPerStep: 1,
  } as const;
  return rulerView({ run, loaded, selectedLane: 1, rulerSites, allSites: false });
}

const lanes = 'lanes=fp32:s2p6,fp16:d';

describe('view of the ruler', () => {
  test('its bars belong to one step and to the scale that was used in it', () => {
    const view = viewOf(`v=1&${lanes}`);
    expect(view).toMatchObject({ lane: 1, step: 8, scale: 2 ** 16, referenceLane: 0 });
    expect(view?.seen).toMatchObject({ first: -10, counts: [1], zero: 1, nonzero: 1 });
    // 2^-36 and 2^-26 without the scale of 2^6.
    expect(view?.reference).toMatchObject({ first: -36, zero: 0, nonzero: 2 });
  });

  test('λ is the one of that step: a change after it is not in the bars', () => {
    const of = (step: number) => viewOf(`v=1&${lanes}&i=${step}:1:lam:-5`)?.reference?.first;
    expect(of(7)).toBe(-41);
    expect(of(8)).toBe(-36);
  });

  test("FP32's gradients come by the format in which the lane stores them", () => {
    const parts = viewOf(`v=1&${lanes}`)?.parts ?? [];
    expect(parts.map(({ format, distribution }) => [format.name, distribution.first])).toEqual([
      ['fp32', -26],
      ['fp16', -36],
    ]);
    expect(viewOf(`v=1&${lanes}`, 'parameters')?.parts.map(({ format }) => format.name)).toEqual(['fp16']);
    expect(viewOf(`v=1&${lanes}`, 'activations')?.parts.map(({ format }) => format.name)).toEqual(['fp32']);
    expect(viewOf(`v=1&${lanes}`, 2)?.parts.map(({ format }) => format.name)).toEqual(['fp16']);
  });

  test('without an FP32 lane there is nothing to compare with', () => {
    expect(viewOf('v=1&lanes=bf16,fp16:d')).toMatchObject({
      reference: null,
      referenceLane: null,
      parts: [],
    });
  });
});
