import { expect, test } from 'vitest';
import { Evaluations } from './evaluations';

const record = (step: number) => ({ step, loss: [step], accuracy: [0.5] });

test('memory is bounded, spread is even and the newest measurement is always there', () => {
  const evaluations = new Evaluations();
  for (let step = 0; step < 100_000; step += 10) evaluations.append(record(step));
  expect(evaluations.all.length).toBeLessThanOrEqual(2048);
  expect(evaluations.newest?.step).toBe(99_990);
  const steps = evaluations.all.map(({ step }) => step);
  expect(steps[0]).toBe(0);
  const gaps = steps.slice(1).map((step, index) => step - steps[index]);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(4 * Math.min(...gaps.slice(0, -1)));
});

test('a measurement that comes twice is kept once', () => {
  const evaluations = new Evaluations();
  for (const step of [0, 50, 50, 0, 100]) evaluations.append(record(step));
  expect(evaluations.all.map(({ step }) => step)).toEqual([0, 50, 100]);
});

test('thinning spreads evenly and keeps the newest', () => {
  const evaluations = new Evaluations();
  for (let step = 0; step <= 100; step++) evaluations.append(record(step));
  const steps = (count: number) => evaluations.thinned(count).map(({ step }) => step);
  expect(steps(10)).toEqual([1, 12, 23, 34, 45, 56, 67, 78, 89, 100]);
  expect(steps(101)).toHaveLength(101);
});

test('nothing is dropped before there are too many', () => {
  const evaluations = new Evaluations();
  for (let step = 0; step < 2048; step++) evaluations.append(record(step));
  expect(evaluations.all).toHaveLength(2048);
});

test('when there are too many, those that stay are evenly spaced', () => {
  const evaluations = new Evaluations();
  for (let step = 0; step <= 3001; step++) evaluations.append(record(step));
  const steps = evaluations.all.map(({ step }) => step);
  expect(steps.at(-1)).toBe(3001);
  const gaps = steps.slice(1).map((step, index) => step - steps[index]);
  expect(new Set(gaps.slice(0, -1))).toEqual(new Set([2]));
});
