import { describe, expect, test } from 'vitest';
import type { TaskId } from '../experiment/experiment';
import { AIMS, BEFORE, verdicts } from './aims';
import type { Row } from './rounds';

function row(
  who: string,
  task: TaskId,
  lanes: number,
  cost: { seconds: number; cpu?: number; counting?: boolean },
): Row {
  return {
    who,
    task,
    lanes,
    counting: cost.counting ?? true,
    adapter: '',
    dispatchesPerStep: null,
    secondsToFirstStep: null,
    rounds: [{ steps: 1, seconds: cost.seconds, cpuSeconds: cost.cpu ?? null, others: null }],
  };
}

const told = (rows: readonly Row[]): readonly [string, number, boolean][] =>
  verdicts(rows).map(({ what, of, time, cpuTime, met }) => [
    what,
    of === 'time' || cpuTime === undefined ? time : cpuTime,
    met,
  ]);

test('each aim is named once', () => {
  expect(new Set(AIMS.map(({ what }) => what)).size).toBe(AIMS.length);
});

test('nothing is said about what was not measured', () => {
  expect(verdicts([])).toEqual([]);
  expect(
    verdicts([row('wasm', 'spirals', 1, { seconds: 1 }), row('cpu', 'spirals', 1, { seconds: 1 })]),
  ).toEqual([]);
});

describe('speed beside a peer', () => {
  const name = 'spirals, 1 lane: wasm as fast as js-hand, times';

  test('is compared by CPU time', () => {
    const ours = row('wasm', 'spirals', 1, { seconds: 9, cpu: 1 });
    expect(told([ours, row('js-hand', 'spirals', 1, { seconds: 1, cpu: 3 })])).toEqual([[name, 3, true]]);
    expect(told([ours, row('js-hand', 'spirals', 1, { seconds: 99, cpu: 2.9 })])).toEqual([
      [name, 2.9, false],
    ]);
  });

  test('and by time where CPU time is unknown for either', () => {
    const ours = row('wasm', 'spirals', 1, { seconds: 1 });
    expect(told([ours, row('js-hand', 'spirals', 1, { seconds: 4, cpu: 1 })])).toEqual([[name, 4, true]]);
  });

  test('with all counters', () => {
    const uncounted = row('wasm', 'spirals', 1, { seconds: 1, counting: false });
    expect(told([uncounted, row('js-hand', 'spirals', 1, { seconds: 4 })])).toEqual([]);
  });
});

test('more lanes may cost no more than so much time, whatever CPU time they take', () => {
  const rows = [1, 2, 40].map((lanes) =>
    row('wasm', 'digits-mlp', lanes, { seconds: lanes === 1 ? 1 : lanes === 2 ? 1.3 : 27.4, cpu: lanes }),
  );
  const [two, forty] = verdicts(rows);
  expect(two).toMatchObject({ what: 'digits-mlp, wasm: 2 lanes : 1 lane', time: 1.3, met: true });
  expect(forty).toMatchObject({ what: 'digits-mlp, wasm: 40 lanes : 2 lanes', met: false });
  expect(forty.time).toBeCloseTo(27.4 / 1.3);
});

test('WebGPU with two lanes beside hand-written WGSL with one, and beside itself before', () => {
  const rows = [
    row('webgpu', 'spirals', 2, { seconds: 2, cpu: 1 }),
    row('wgsl-regop', 'spirals', 1, { seconds: 1, cpu: 1 }),
    row(BEFORE, 'spirals', 2, { seconds: 1.5, cpu: 1 }),
  ];
  expect(told(rows)).toEqual([
    ['spirals: webgpu with 2 lanes as fast as wgsl-regop with 1, times', 0.5, true],
    ['spirals, 2 lanes: webgpu as fast as before, times', 0.75, false],
  ]);
});

describe('counting', () => {
  const pair = (lanes: number, uncounted: { seconds: number; cpu: number }): Row[] => [
    row('webgpu', 'spirals', lanes, { seconds: 1, cpu: 1 }),
    row('webgpu', 'spirals', lanes, { ...uncounted, counting: false }),
  ];
  const name = 'spirals, webgpu: part of a step for counting';

  test('is judged for each task, by the median over the numbers of lanes', () => {
    const [quarter, eighth, none] = [0.75, 0.875, 1].map((seconds) => ({ seconds, cpu: 1 }));
    expect(told([...pair(1, quarter), ...pair(2, eighth), ...pair(40, none)])).toEqual([[name, 0.125, true]]);
    expect(told([...pair(1, quarter), ...pair(2, quarter), ...pair(40, none)])).toEqual([
      [name, 0.25, false],
    ]);
  });

  test('is judged by the time of what an adapter computes, and by the CPU time of WebAssembly', () => {
    const rows = pair(1, { seconds: 1, cpu: 0.5 });
    expect(told(rows)).toEqual([[name, 0, true]]);
    expect(told(rows.map((each) => ({ ...each, who: 'wasm' })))).toEqual([
      ['spirals, wasm: part of a step for counting', 0.5, false],
    ]);
  });
});
