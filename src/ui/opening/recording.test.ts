import { expect, test } from 'vitest';
import { defaultExperiment } from '../../experiment/defaults';
import { decodeRecording, encodeRecording, type Recording } from './recording';

const recording: Recording = {
  loaded: {
    run: 1,
    experiment: defaultExperiment(),
    backend: { kind: 'cpu', adapter: 'test', notes: [] },
    chosen: { code: 'asked' },
    fallbackReason: null,
    sites: [
      { id: 0, name: 'w.grad', layer: 'w', role: 'parameter gradient', count: 4, formats: ['fp32', 'fp16'] },
    ],
    castChanges: [],
    stepsPerEpoch: 1,
    trainingRows: 1,
    evaluationRows: 1,
    metric: 'loss',
    parameters: 1,
    dispatchesPerStep: 1,
  },
  digest: {
    firstStep: 0,
    steps: 1,
    loss: Float32Array.of(0.1, NaN),
    scale: Float32Array.of(1, 2 ** 40),
    scaleAfter: Float32Array.of(1, 2 ** 39),
    foundInf: Uint8Array.of(0, 1),
    raised: Uint8Array.of(0, 0),
    firstSite: Int16Array.of(-1, 0),
    firstCause: Uint8Array.of(0, 2),
    firstLargest: Float32Array.of(0, 65536),
    weightsNotFinite: Uint8Array.of(0, 1),
    zeroGradients: Uint32Array.of(1, 70000),
    lostGradients: Uint32Array.of(0, 2),
    updates: Uint32Array.of(0, 2),
    lostUpdates: Uint32Array.of(0, 2),
    demand: Float32Array.of(NaN, 2 ** -20),
    nonzero: Uint32Array.of(4, 70000),
    underflow: Uint32Array.of(0, 3),
  },
  evaluations: [{ step: 0, loss: [1, 2], accuracy: [NaN, 0.5] }],
  window: {
    end: 1,
    summary: (lane) => ({
      steps: 1,
      values: 4,
      zeroBefore: 0,
      underflow: lane,
      subnormal: 0,
      overflow: 0,
      nan: 0,
      infinite: 0,
      largest: 2 ** -10,
      smallest: 2 ** -149,
    }),
  },
  histograms: {
    step: 1,
    scale: [1, 2 ** 40],
    sites: [0],
    counts: Uint32Array.from({ length: 512 }, (_, bin) => (bin % 97 ? 0 : bin)),
  },
};

test('a recording is the same after it went through a file', () => {
  const file: unknown = JSON.parse(JSON.stringify(encodeRecording(recording)));
  const { window, ...decoded } = decodeRecording(file as ReturnType<typeof encodeRecording>);
  const { window: original, ...rest } = recording;
  expect(decoded).toEqual(rest);
  expect([0, 1].map((lane) => window.summary(lane, 0, 4))).toEqual(
    [0, 1].map((lane) => original.summary(lane, 0, 4)),
  );
  expect(window.end).toBe(1);
});
