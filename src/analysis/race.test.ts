import { describe, expect, test } from 'vitest';
import { SCALER_KINDS, scalerSettings as usual, type ScalerSettings } from '../training/scalers';
import { atRate, criticalRate, everyPeriod, race, scaleAfter } from './race';

const SPIKES = { steps: 2000, quiet: 0.01, spikes: everyPeriod(2000, 50) };
const at = (settings: ScalerSettings, ...steps: number[]) => {
  const raced = race(settings, SPIKES);
  return steps.map((step) => {
    const scale = scaleAfter(raced, step);
    return scale === null ? null : Math.log2(scale);
  });
};

describe('five frameworks and one spike train', () => {
  test.each<[name: string, settings: ScalerSettings, log2: (number | null)[]]>([
    ['PyTorch', usual('dynamic'), [14, 6, -2, -24]],
    ['Keras', usual('keras'), [13, 5, -3, -25]],
    ['Apex with hysteresis 2', usual('apex-hysteresis'), [16, 16, 16, 16]],
    ['Megatron from 2^16', usual('megatron', { initialScale: 2 ** 16 }), [15, 7, 0, 0]],
    ['DeepSpeed', usual('deepspeed'), [15, 7, null, null]],
    ['DeepSpeed, consecutive', usual('deepspeed', { consecutiveHysteresis: 1 }), [16, 16, 16, 16]],
  ])('%s', (_, settings, log2) => {
    expect(at(settings, 100, 500, 900, 2000)).toEqual(log2);
  });

  test('DeepSpeed raises at step 899', () => {
    expect(race(usual('deepspeed'), SPIKES).raised).toEqual({ step: 899, code: 'minimum-reached' });
    expect(at(usual('deepspeed'), 899, 900)).toEqual([0, null]);
  });

  test('as many steps are skipped as there are spikes', () => {
    expect(race(usual('dynamic'), SPIKES)).toMatchObject({
      skipped: 40,
      ruinedAt: null,
      lowest: { scale: 2 ** -24, step: 1999 },
      raised: null,
    });
  });
});

describe('overflows that depend on the scale', () => {
  // The largest magnitude that a starting scale of 2^32 takes so many steps to come down to.
  test.each([
    [0.5, 16, 17],
    [0.01, 10, 11],
  ])(
    'a cold start from 2^32 with %d skips %d steps, with hysteresis 2 %d',
    (quiet, skips, withHysteresis) => {
      const demand = { steps: 300, quiet, spikes: [] };
      expect(race(usual('dynamic', { initialScale: 2 ** 32 }), demand).skipped).toBe(skips);
      expect(race(usual('megatron'), demand).skipped).toBe(withHysteresis);
    },
  );

  test('at the ceiling one step in N + 1 is skipped', () => {
    const settings = usual('dynamic', { growthInterval: 10 });
    expect(race(settings, { steps: 11_000, quiet: 0.75, spikes: [] }).skipped).toBe(1000);
  });
});

describe('the end of a scale', () => {
  const always = { steps: 400, quiet: 0.01, spikes: everyPeriod(400, 1) };

  test('PyTorch reaches exactly 0 after 166 overflows in a row', () => {
    const raced = race(usual('dynamic'), always);
    expect(raced.lowest).toEqual({ scale: 0, step: 165 });
    expect(scaleAfter(raced, 165)).toBe(2 ** -149);
  });

  test('at 2^-128 gradients can no longer be unscaled, and nobody notices', () => {
    const spikes = everyPeriod(144, 1);
    const raced = race(usual('dynamic'), { steps: 200, quiet: 0.01, spikes });
    expect(scaleAfter(raced, 144)).toBe(2 ** -128);
    expect(raced.ruinedAt).toBe(144);
  });

  test('Apex with a static scale applies what overflowed, and no scaler at all does as well', () => {
    for (const kind of ['apex-static', 'none'] as const) {
      expect(race(usual(kind), SPIKES)).toMatchObject({ skipped: 0, ruinedAt: 49, raised: null });
    }
  });

  test('Apex raises when it divides by zero', () => {
    expect(race(usual('apex'), { ...always, steps: 4000, spikes: everyPeriod(4000, 1) }).raised?.code).toBe(
      'division-by-zero',
    );
  });

  test('what a constructor refuses does not start', () => {
    expect(race(usual('dynamic', { backoffFactor: 2 }), SPIKES).raised).toEqual({
      step: -1,
      code: 'backoff-factor-not-below-1',
    });
  });
});

describe('the critical rate', () => {
  test('is 1 - 2^(-1/N) for doubling and halving', () => {
    for (const growthInterval of [1, 10, 1000, 2000]) {
      const rate = criticalRate(usual('dynamic', { growthInterval }));
      expect(rate).toBeCloseTo(1 - 2 ** (-1 / growthInterval), 14);
    }
    expect(Math.round(1 / (criticalRate(usual('dynamic')) ?? NaN))).toBe(2886);
    expect(Math.round(1 / (criticalRate(usual('deepspeed')) ?? NaN))).toBe(1443);
  });

  test('is none for a scale that does not move', () => {
    expect(criticalRate(usual('static'))).toBeNull();
    expect(criticalRate(usual('none'))).toBeNull();
  });

  test.each([
    [2, 0.5],
    [2, 0.25],
    [4, 0.5],
    [1.5, 0.8],
  ])('separates rise from fall: × %d and × %d', (growthFactor, backoffFactor) => {
    const settings = usual('dynamic', { growthInterval: 50, growthFactor, backoffFactor, initialScale: 1 });
    const critical = criticalRate(settings) ?? NaN;
    // Without gradients there is no ceiling, so only the spikes and the growth are at work.
    const drift = (rate: number): number => {
      const steps = 20_000;
      const raced = race(settings, { steps, quiet: 0, spikes: atRate(steps, rate, 1) });
      return Math.log2(raced.scales[raced.scales.length - 1]);
    };
    expect(drift(critical / 1.5)).toBeGreaterThan(20);
    expect(drift(critical * 1.5)).toBeLessThan(-20);
  });
});

describe('spikes at random', () => {
  test('are the same for the same seed, and about as many as the rate says', () => {
    const spikes = atRate(100_000, 0.01, 7);
    expect(atRate(100_000, 0.01, 7)).toEqual(spikes);
    expect(atRate(100_000, 0.01, 8)).not.toEqual(spikes);
    expect(Math.abs(spikes.length - 1000)).toBeLessThan(150);
    // A longer run begins with the shorter one.
    expect(atRate(50_000, 0.01, 7)).toEqual(spikes.filter((step) => step < 50_000));
  });
});

test('every scaler runs, and 100,000 steps of all of them are fast', () => {
  const demand = { steps: 100_000, quiet: 0.01, spikes: atRate(100_000, 1e-3, 1) };
  const begin = performance.now();
  for (const kind of SCALER_KINDS) expect(race(usual(kind), demand).at.length).toBeGreaterThan(0);
  expect(performance.now() - begin).toBeLessThan(5000);
});
