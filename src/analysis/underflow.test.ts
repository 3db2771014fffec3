import { describe, expect, test } from 'vitest';
import { emptyDigest, type Digest } from './digest';
import { History } from './history';
import type { SiteRecord } from './records';
import { recentUnderflow, recentUnderflowByLayer, underflowRows } from './underflow';

/** Two layers with 100 non-zero gradients each. */
function digest(underflow: readonly (readonly [number, number])[]): Digest {
  const steps = underflow.length;
  const columns = {
    firstStep: 0,
    steps,
    loss: new Float32Array(steps),
    scale: new Float32Array(steps).fill(1),
    scaleAfter: new Float32Array(steps).fill(1),
    foundInf: new Uint8Array(steps),
  };
  return {
    ...emptyDigest(columns, 1, 2),
    nonzero: new Uint32Array(steps * 2).fill(100),
    underflow: Uint32Array.from(underflow.flat()),
  };
}

describe('underflow by layer', () => {
  test('leaves a gap where no gradient is finite and not zero, also after merging', () => {
    const history = new History(1, 2, 4);
    const steps = digest([
      [0, 0],
      [50, 0],
      [0, 0],
      [0, 0],
      [50, 0],
      [0, 0],
    ]);
    [0, 2, 3].forEach((step) => steps.nonzero.fill(0, step * 2, step * 2 + 2));
    history.append(steps);
    const rows = underflowRows(history.lanes[0], [history.lanes[0]], history.buckets, 500, false);
    expect(rows.map(({ others }) => others[0])).toEqual([25, 25, NaN, NaN, 0, 25]);
    expect(rows[2].percent).toEqual([NaN, NaN]);
  });

  test('is in per cent of all non-zero gradients, so that layers add up', () => {
    const history = new History(1, 2);
    history.append(digest([[100, 50]]));
    expect(underflowRows(history.lanes[0], [], 1, 500, true)[0].percent).toEqual([50, 25]);
  });

  test('a peak of one step survives thinning, with its layers', () => {
    const steps = Array.from({ length: 5000 }, (): [number, number] => [10, 10]);
    steps[3333] = [80, 40];
    const history = new History(1, 2);
    history.append(digest(steps));
    const rows = underflowRows(history.lanes[0], [history.lanes[0]], history.buckets, 100, true);
    expect(rows.length).toBeLessThanOrEqual(100);
    const peaks = rows.filter(({ percent }) => percent[0] > 20);
    expect(peaks).toHaveLength(1);
    expect(peaks[0].percent[0]).toBeCloseTo(40);
    expect(peaks[0].percent[1]).toBeCloseTo(20);
    expect(Math.max(...rows.map(({ others }) => others[0]))).toBeCloseTo(60);
    expect(Math.min(...rows.map(({ others }) => others[0]))).toBeCloseTo(10);
    expect(peaks[0].from).toBeLessThanOrEqual(3333);
    expect(peaks[0].to).toBeGreaterThan(3333);
  });

  test('over the window counts the wanted gradients only', () => {
    const site = (id: number, role: SiteRecord['role']): SiteRecord => ({
      id,
      name: '',
      layer: 'fc',
      role,
      count: 1,
    });
    const counts = { steps: 1, values: 100, zeroBefore: 20, subnormal: 0, overflow: 0, nan: 0, infinite: 0 };
    const summaries = {
      end: 1,
      summary: (_lane: number, id: number) => ({
        ...counts,
        underflow: [40, 8, 80][id],
        largest: 1,
        smallest: 1,
      }),
    };
    const sites = [site(0, 'parameter gradient'), site(1, 'activation gradient'), site(2, 'output')];
    expect(recentUnderflow(summaries, sites, 0, () => true)).toBe(48 / 160);
    expect(recentUnderflow(summaries, sites, 0, ({ role }) => role === 'parameter gradient')).toBe(0.5);
    expect(recentUnderflow(summaries, sites, 0, () => false)).toBeNaN();
  });

  test('over the window is in shares of all layers, as over time, so that they add up to the total', () => {
    const sites = ['fc1', 'fc2', 'fc1'].map((layer, id): SiteRecord => ({
      id,
      name: '',
      layer,
      role: 'parameter gradient',
      count: 1,
    }));
    const counts = { steps: 1, zeroBefore: 20, subnormal: 0, overflow: 0, nan: 5, infinite: 5 };
    const summaries = {
      end: 1,
      summary: (_lane: number, id: number) => ({
        ...counts,
        values: [130, 830, 130][id],
        underflow: [40, 90, 20][id],
        largest: 1,
        smallest: 1,
      }),
    };
    const shares = recentUnderflowByLayer(summaries, sites, 0, ['fc1', 'fc2']);
    expect(shares).toEqual([60 / 1000, 90 / 1000]);
    expect(shares[0] + shares[1]).toBeCloseTo(recentUnderflow(summaries, sites, 0, () => true));
    expect(recentUnderflowByLayer(summaries, [], 0, ['fc1'])).toEqual([NaN]);
  });
});
