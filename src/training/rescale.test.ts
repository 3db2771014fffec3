import { describe, expect, test } from 'vitest';
import { lossesOf } from '../testing/losses';

/** Bits of the losses of both lanes, of which the second has its λ moved before step 20. */
describe('λ that moves while the optimizer remembers is not noticed in FP32', () => {
  test.each([
    ['momentum', 'task=digits-mlp', -12],
    ['momentum, up', 'task=digits-mlp', 6],
    ['Adam', 'task=linear&lr=0.05', -12],
    ['Adam, up', 'task=linear&lr=0.05', 6],
  ])('%s', { timeout: 60_000 }, async (_, link, exponent) => {
    const [still, moved] = await lossesOf(`v=1&${link}&lanes=fp32,fp32&i=20:1:w:${exponent}`, 30);
    expect(moved).toEqual(still);
  });

  test('as it is where the memory stays in the old unit', async () => {
    const [still, moved] = await lossesOf('v=1&task=linear&lr=0.05&lanes=fp32,fp32&i=20:1:lam:-12', 30);
    expect(moved).not.toEqual(still);
  });
});
