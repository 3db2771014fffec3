/** Diagnoses of whole runs: what must be said, what must not, and by whom it is caused. */
import { describe, expect, test } from 'vitest';
import { saidOf } from '../../testing/diagnosed-runs';

type Said = Awaited<ReturnType<typeof saidOf>>;

const codes = (said: Said, lane: number): string[] =>
  said.filter((each) => each.lane === lane).map(({ code }) => code);
const texts = (said: Said): string => said.map(({ text }) => text).join('\n');
const standing = (said: Said, lane: number) => said.find((each) => each.lane === lane && each.to === null);

describe('where all lanes are FP32 and one thing is changed, formats and scalers are not spoken of', () => {
  const FORBIDDEN = /format|scaler|infinit|arithmetic|overflow|underflow|FP16|bf16|rounding|\bcasts?\b/i;

  test.each<[what: string, link: string, steps: number, lane: number, codes: readonly string[]]>([
    ['a lower rate', 'lanes=fp32,fp32:l0.002', 200, 1, ['other-settings']],
    ['a rate that is too high', 'lanes=fp32,fp32:l2', 60, 1, ['diverged']],
    ['an exploding rate in all lanes', 'task=linear&opt=sgd&lr=50&lanes=fp32,fp32', 40, 0, ['diverged']],
    ['the same, in the other lane', 'task=linear&opt=sgd&lr=50&lanes=fp32,fp32', 40, 1, ['diverged']],
    [
      'a loss that explodes in swings',
      'task=linear&opt=sgd&mom=0.99&lr=1&lanes=fp32,fp32',
      200,
      0,
      ['diverged'],
    ],
    ['another seed', 'lanes=fp32,fp32:r7', 300, 1, []],
    [
      'λ moved down with momentum',
      'task=digits-mlp&lanes=fp32,fp32&i=20:1:lam:-18',
      30,
      1,
      ['loss-weight-moved'],
    ],
    ['λ moved up with momentum', 'task=digits-mlp&lanes=fp32,fp32&i=20:1:lam:8', 60, 1, []],
    ['λ moved without memory', 'lanes=fp32,fp32&i=20:1:lam:-18', 120, 1, []],
    ['λ moved with Adam', 'task=linear&lr=0.05&lanes=fp32,fp32&i=20:1:lam:-18', 300, 1, ['other-settings']],
    ['ε = 0', 'task=spirals&eps=0&lanes=fp32,fp32', 10, 0, ['epsilon-zero']],
    ['ε = 0 below a scaler', 'task=spirals&eps=0&lanes=fp32,fp32:d', 40, 1, ['epsilon-zero']],
    ['units that are switched off', 'task=spirals&opt=sgd&lr=5&lanes=fp32', 700, 0, ['no-gradients']],
    ['a hand that raises the rate', 'lanes=fp32,fp32&i=20:1:lr:50', 60, 1, ['rate-moved']],
    ['a hand that lowers the rate', 'lanes=fp32,fp32&i=20:1:lr:0.001', 300, 1, ['other-settings']],
    ['a hand on a scale', 'lanes=fp32,fp32:d&i=20:1:s:2p100', 120, 1, []],
    [
      'a hand that lifts a scale too high',
      'lam=10&lanes=fp32,fp32:d&i=20:1:s:2p126',
      60,
      1,
      ['scale-by-hand'],
    ],
    [
      'a hand that lowers a scale to nothing',
      'lanes=fp32,fp32:d&i=20:1:s:2p-126',
      300,
      1,
      ['behind-after-hand'],
    ],
  ])('%s', { timeout: 60_000 }, async (_, link, steps, lane, expected) => {
    const said = await saidOf(`v=1&${link}`, steps);
    expect([...new Set(codes(said, lane))]).toEqual(expected);
    expect(texts(said)).not.toMatch(FORBIDDEN);
    expect(texts(said)).not.toMatch(/\{\{|NaN times|undefined/);
  });
});

describe('what FP32 does too is not blamed on a format', () => {
  test('a rate that is too high for every lane', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lr=50&lanes=fp32,bf16,fp16:d,fp16', 15);
    for (const lane of [0, 1, 2, 3]) expect(standing(said, lane)?.code).toBe('diverged');
    for (const lane of [1, 2, 3]) expect(standing(said, lane)?.text).toContain('FP32 goes the same way');
    expect(standing(said, 0)?.text).toContain('at a learning rate of 50');
  });

  test('ε = 0', async () => {
    const said = await saidOf('v=1&task=digits-mlp&opt=adam&eps=0&lanes=fp32,fp16:d,bf16', 9);
    for (const lane of [0, 1, 2]) expect(codes(said, lane)).toEqual(['epsilon-zero']);
  });

  test('gradients of units that are switched off', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&task=spirals&opt=sgd&lr=50&lanes=fp32,fp16,bf16,fp32:akahan', 50);
    expect(said.map(({ code }) => code)).not.toContain('underflow');
  });

  test('λ that a hand moved while the optimizer remembered', async () => {
    const said = await saidOf('v=1&task=digits-mlp&lanes=fp32,fp16:d&i=20:all:lam:-18', 32);
    for (const lane of [0, 1]) expect(standing(said, lane)?.code).toBe('loss-weight-moved');
    expect(standing(said, 1)?.values).toMatchObject({ step: 20, from: 0, to: -18, memory: 'momentum' });
  });

  test('without an FP32 lane, nothing is said about FP32', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lr=50&lanes=bf16,fp16', 15);
    expect(standing(said, 0)?.text).toContain('There is no FP32 lane');
    expect(texts(said)).not.toContain('goes the same way');
  });
});

describe('underflow', () => {
  test('is harm where casts make gradients zero and the loss stays behind', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&seed=3&lam=-22&lanes=fp32,fp16:d2p30,fp16', 160);
    const { code, values, text } = standing(said, 2) ?? {};
    expect(code).toBe('underflow');
    expect(values).toMatchObject({ twinZero: 0, hand: null });
    expect(text).toContain('leave room for a loss scale of 2^');
    expect(codes(said, 1)).toEqual([]);
  });

  test(
    'is none where the gradients are small because the network has learnt',
    { timeout: 60_000 },
    async () => {
      const said = await saidOf('v=1&seed=3&lam=-14&lanes=fp32,fp16', 600);
      expect(said).toEqual([]);
    },
  );

  test('without a lane to compare with, no more is said than was seen', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&seed=3&lam=-24&lanes=fp16', 200);
    expect(codes(said, 0)).toEqual(['underflow-alone']);
    expect(texts(said)).toContain('There is no FP32 lane to compare with');
  });

  test('after a hand on the scale names the hand', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&seed=3&lanes=fp32,fp16:s2p10&i=40:1:s:2p-24', 200);
    expect(standing(said, 1)?.text).toContain('set to 2^-24 by hand before step 40');
  });
});

describe('other settings', () => {
  test('are named, and arithmetic is not', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&lanes=fp32,fp16:d:l0.002', 200);
    expect(codes(said, 1)).toEqual(['other-settings']);
    expect(texts(said)).toContain('its learning rate is 0.002 instead of 0.2');
    expect(texts(said)).not.toMatch(/arithmetic/);
  });
});

describe('a small batch', () => {
  test('scatters, and that is no rise', { timeout: 60_000 }, async () => {
    expect(await saidOf('v=1&task=linear&opt=sgd&lr=0&b=1&lanes=fp32', 2000)).toEqual([]);
    expect(await saidOf('v=1&task=linear&b=1&lanes=fp32,fp16:d', 1500)).toEqual([]);
  });

  test('makes no move of the rate look like a rise', async () => {
    const said = await saidOf(
      'v=1&task=linear&opt=sgd&lr=0.01&b=1&lanes=fp32,fp16:d:n5&i=100:all:lr:0.0101',
      200,
    );
    expect(said.map(({ code }) => code)).not.toContain('rate-moved');
  });
});

describe('skipped steps', () => {
  test('are not numbers that are lost, whatever FP32 does', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lr=50&lanes=fp32,fp16:s2p40', 60);
    expect(codes(said, 1)).toEqual(['scale-too-high']);
  });

  test('before a hand has set another scale say nothing about that', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lanes=fp32,fp16:s2p40&i=100:1:s:2p10', 160);
    expect(said.find(({ code }) => code === 'scale-too-high')).toMatchObject({ to: 101 });
  });

  test('a hand is named though a step was skipped before it', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lanes=fp32,fp16:d:n1&i=50:1:s:2p100', 100);
    expect(codes(said, 1)).toEqual(['scale-by-hand']);
  });

  test('one bad batch is what a scaler is for', async () => {
    const said = await saidOf('v=1&task=linear&opt=adam&lr=0.02&lanes=fp32,e2m8:bfp16:d2p10,e2m8', 400);
    expect(codes(said, 1)).toEqual([]);
    expect(standing(said, 2)).toMatchObject({ code: 'forward-overflow', values: { site: 'fc.output' } });
  });

  test('a static scale that the gradients do not fit is the source, and its number follows the run', async () => {
    const link = 'v=1&task=linear&lam=10&opt=sgd&lr=0.05&lanes=fp32,e4m3fn:s0.9,e4m3fn:s2p-3';
    const [early, late] = [await saidOf(link, 30), await saidOf(link, 80)];
    expect(codes(early, 1)).toEqual(['scale-too-high']);
    expect(codes(early, 2)).toEqual([]);
    expect(standing(early, 1)?.values).toMatchObject({ skipped: 27, steps: 30 });
    expect(standing(late, 1)?.values).toMatchObject({ steps: 64 });
  });

  test('a hand that sets the scale is named', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&lanes=fp32,fp16:d:n1000&i=20:1:s:2p100', 44);
    expect(codes(said, 1)).toEqual(['scale-by-hand']);
    expect(standing(said, 1)?.values).toMatchObject({ step: 20, set: 2 ** 100, skipped: 24, scale: 2 ** 76 });
  });

  test(
    'a hand that lowers the scale is not to blame for the steps skipped',
    { timeout: 60_000 },
    async () => {
      const said = await saidOf('v=1&task=linear&lam=10&lanes=fp32,e4m3fn:s2p20&i=20:1:s:2p19', 40);
      expect(codes(said, 1)).toEqual(['scale-too-high']);
    },
  );

  test('the search from a usual start is no matter', { timeout: 60_000 }, async () => {
    expect(await saidOf('v=1&seed=3&lanes=fp32,fp16:d2p32', 60)).toEqual([]);
  });

  test('a scale that falls from far above says where it would fit', { timeout: 60_000 }, async () => {
    const said = await saidOf('v=1&seed=3&lanes=fp32,fp16:d2p60', 30);
    const falling = said.find(({ lane }) => lane === 1);
    expect(falling).toMatchObject({ code: 'scale-falling', values: { since: 0, start: 2 ** 60 } });
    expect(falling?.text).toMatch(/would have fitted at 2\^1\d/);
  });
});

describe('without a scaler', () => {
  test('a gradient that overflows destroys the weights, where FP32 goes on', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lr=0.05&lam=10&lanes=fp32,e4m3fn', 30);
    const { code, text } = standing(said, 1) ?? {};
    expect(code).toBe('weights-destroyed');
    expect(text).toMatch(/reached \S+ in step \d+, and FP8 E4M3 ends at 448/);
    expect(text).toContain('FP32 goes on');
    expect(codes(said, 0)).toEqual([]);
  });

  test('what happened to FP32 later, and for another reason, changes nothing about it', async () => {
    const link = 'v=1&task=linear&opt=sgd&lr=0.01&lam=10&lanes=fp32,e4m3fn&i=100:all:lr:50';
    const said = await saidOf(link, 130);
    expect(codes(said, 1)).toEqual(['weights-destroyed']);
    expect(standing(said, 1)?.text).not.toContain('FP32 goes on');
    expect(standing(said, 0)?.code).toBe('rate-moved');
  });

  test('a saturating format goes on: its overflow is no infinity', async () => {
    const said = await saidOf('v=1&task=linear&opt=sgd&lr=0.05&lam=10&lanes=fp32,e4m3fn_sat', 60);
    expect(codes(said, 1)).not.toContain('weights-destroyed');
  });
});

test('how a run is cut into frames changes nothing', { timeout: 60_000 }, async () => {
  const link = 'v=1&task=linear&opt=sgd&lr=0.05&lam=10&lanes=fp32,e4m3fn:s0.9,fp16:d2p40&i=33:2:s:2p60';
  const once = await saidOf(link, 200);
  expect(await saidOf(link, 200)).toEqual(once);
  const early = (await saidOf(link, 77)).filter(({ from }) => from <= 77);
  expect(early.map(({ lane, code, from }) => [lane, code, from])).toEqual(
    once.filter(({ from }) => from <= 77).map(({ lane, code, from }) => [lane, code, from]),
  );
});
