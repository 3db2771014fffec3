import { expect, test } from 'vitest';
import {
  pendingInterventions,
  settledPending,
  withAccepted,
  withoutPending,
  withPending,
  type Pending,
} from './pending';

const asked = withPending({}, { lane: 1, key: 'scale', value: 16 });
const accepted = withAccepted(asked, { lane: 1, key: 'scale', value: 16, step: 10 });

test('a value is pending until the step before which it was applied is in the records', () => {
  expect(settledPending(asked, 1000)).toBe(asked);
  // Ten completed steps are steps 0 to 9.
  expect(settledPending(accepted, 10)).toBe(accepted);
  expect(settledPending(accepted, 11)).toEqual({});
});

test('an answer to an older value leaves the newer one pending', () => {
  const moved = withPending(asked, { lane: 1, key: 'scale', value: 32 });
  expect(withAccepted(moved, { lane: 1, key: 'scale', value: 16, step: 10 })).toBe(moved);
  expect(settledPending(moved, 1000)).toBe(moved);
});

test('values of other lanes and keys are left alone', () => {
  const both = withPending(asked, { lane: 'all', key: 'learningRate', value: 0.5 });
  expect(withoutPending(both, '1 scale')).toEqual(
    withPending({}, { lane: 'all', key: 'learningRate', value: 0.5 }),
  );
});

test('pending values become part of a new start, answered or not', () => {
  const pending: Pending = withPending(accepted, { lane: 'all', key: 'learningRate', value: 0.5 });
  expect(pendingInterventions(pending, 12)).toEqual([
    { step: 12, lane: 1, key: 'scale', value: 16 },
    { step: 12, lane: 'all', key: 'learningRate', value: 0.5 },
  ]);
});
