import { describe, expect, test } from 'vitest';
import { COUNTER_WORDS, HEADER, HEADER_WORDS, recordWords, type StepRecords } from '../graph/records';
import { PendingFrame } from './frames';

const LANES = 2;
const SITES = 2;

/** Records in which every number tells the step and lane it belongs to; the scale is 100 · step + lane. */
function recordsOf(firstStep: number, steps: number): StepRecords {
  const stride = recordWords(SITES);
  const words = new Uint32Array(steps * LANES * stride);
  const floats = new Float32Array(words.buffer);
  for (let row = 0; row < steps * LANES; row++) {
    const [step, lane] = [firstStep + Math.floor(row / LANES), row % LANES];
    const at = row * stride;
    floats[at + HEADER.loss] = step + lane / 2;
    floats[at + HEADER.scale] = 100 * step + lane;
    floats[at + HEADER.scaleAfter] = 100 * (step + 1) + lane;
    words[at + HEADER.foundInf] = lane;
    for (let word = 0; word < SITES * COUNTER_WORDS; word++) {
      words[at + HEADER_WORDS + word] = 1000 * step + 100 * lane + word;
    }
  }
  return { firstStep, steps, lanes: LANES, sites: SITES, words };
}

const histograms = { step: 5, sites: [1], counts: new Uint32Array(LANES * 256) };
const evaluation = {
  step: 4,
  loss: Float32Array.of(0.5, 0.25),
  correct: Uint32Array.of(16, 32),
  rows: 64,
};

describe('a frame', () => {
  test('joins the records that have come back, step by step and lane by lane', () => {
    const pending = new PendingFrame('loss');
    pending.addRecords(recordsOf(3, 1));
    pending.addRecords(recordsOf(4, 2));
    const frame = pending.take(7, 99);
    expect(frame).toMatchObject({ run: 7, firstStep: 3, steps: 3 });
    expect([...frame.loss]).toEqual([3, 3.5, 4, 4.5, 5, 5.5]);
    expect([...frame.scale]).toEqual([300, 301, 400, 401, 500, 501]);
    expect([...frame.scaleAfter]).toEqual([400, 401, 500, 501, 600, 601]);
    expect([...frame.foundInf]).toEqual([0, 1, 0, 1, 0, 1]);
    const rows = [3000, 3100, 4000, 4100, 5000, 5100];
    expect([...frame.counters]).toEqual(
      rows.flatMap((first) => Array.from({ length: SITES * COUNTER_WORDS }, (_, word) => first + word)),
    );
  });

  test('says which lanes have stopped since it was begun, and when', () => {
    const [first, second] = [recordsOf(3, 2), recordsOf(5, 2)];
    const raisedAt = (records: StepRecords, step: number): number =>
      (step - records.firstStep) * LANES * recordWords(SITES) + recordWords(SITES) + HEADER.raised;
    first.words[raisedAt(first, 4)] = 2;
    second.words[raisedAt(second, 5)] = 2;
    const pending = new PendingFrame('loss');
    pending.addRecords(first);
    pending.addRecords(second);
    expect(pending.take(1, 9).raised).toEqual([{ lane: 1, step: 4, error: 2 }]);
    pending.addRecords(recordsOf(7, 1));
    expect(pending.take(1, 9).raised).toBeUndefined();
  });

  test('without steps says which comes next, and has no columns', () => {
    const frame = new PendingFrame('loss').take(1, 42);
    expect(frame).toMatchObject({ firstStep: 42, steps: 0, evaluations: [], histograms: null });
    const { loss, scale, scaleAfter, foundInf, counters } = frame;
    expect([loss, scale, scaleAfter, foundInf, counters].map(({ length }) => length)).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  test('gives the share of rows classified correctly, where the task has such a thing', () => {
    const [classified, regression] = (['accuracy', 'loss'] as const).map((metric) => {
      const pending = new PendingFrame(metric);
      pending.addEvaluation(evaluation);
      return pending.take(1, 5).evaluations;
    });
    expect(classified).toEqual([{ step: 4, loss: [0.5, 0.25], accuracy: [0.25, 0.5] }]);
    expect(regression).toEqual([{ step: 4, loss: [0.5, 0.25], accuracy: [NaN, NaN] }]);
  });

  test('has with the histograms the scales of the step before, which may have left with an earlier frame', () => {
    const pending = new PendingFrame('loss');
    pending.addRecords(recordsOf(3, 2));
    pending.take(1, 5);
    pending.addHistograms(histograms);
    expect(pending.take(1, 5).histograms).toEqual({ ...histograms, scale: [400, 401] });
  });

  test('is forgotten once it is taken', () => {
    const pending = new PendingFrame('accuracy');
    expect(pending.empty).toBe(true);
    const add = [
      () => pending.addRecords(recordsOf(3, 1)),
      () => pending.addEvaluation(evaluation),
      () => pending.addHistograms(histograms),
    ];
    for (const each of add) {
      each();
      expect(pending.empty).toBe(false);
      pending.take(1, 4);
      expect(pending.empty).toBe(true);
    }
    expect(pending.take(1, 4)).toMatchObject({ firstStep: 4, steps: 0, evaluations: [], histograms: null });
  });
});
