/** Recorded cases of every scaler through the kernels of each backend, and generated ones. */
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { answersOf, backendPlayer } from '../cli/scaler-answers';
import { probeDevice } from '../examination/probe-device';
import { uniform } from '../testing/inputs';
import { differences, RECORDED_CASES } from '../testing/scaler-cases';
import type { Backend } from './backend';
import { playScalers } from './play-scalers';
import { SCALER_LIST, usualParameters } from './scalers';
import { playScaler, type ScalerPlay } from './scalers/play';

const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  cpu: async () => createCpuBackend(),
  wasm: async () => createWasmBackend(),
  webgpu: async () => createWebGpuBackend(await requestNodeGpu(), probeDevice),
};

/** Overflows at some rate, and a state that is loaded or a scale that is set now and then. */
function generated(seed: number): readonly ScalerPlay[] {
  const random = uniform(seed);
  return SCALER_LIST.filter(({ parameters }) => parameters.length > 0).map((scaler) => {
    const rate = random();
    const steps = Array.from({ length: 60 }, () => ({
      foundInf: random() < rate,
      ...(random() < 0.05 && { state: { scale: 2 ** Math.floor(random() * 200 - 100) } }),
      ...(random() < 0.05 && { newScale: 3 * random() }),
      ...(random() < 0.05 && { parameters: { growthInterval: 1 + Math.floor(random() * 5) } }),
    }));
    return { kind: scaler.kind, parameters: { ...usualParameters(scaler), growthInterval: 3 }, steps };
  });
}

describe.each(Object.entries(BACKENDS))('on %s', (_, open) => {
  test('every recorded case comes out', async () => {
    const backend = await open();
    const answers = await answersOf(
      RECORDED_CASES.map(({ play }) => play),
      backendPlayer(backend),
    );
    const wrong = RECORDED_CASES.flatMap((recorded, i) =>
      differences(recorded, answers[i]).map((text) => `${recorded.entry.name}: ${text}`),
    );
    expect(wrong).toEqual([]);
    backend.destroy();
  });

  test('generated plays end each step as the descriptions say', async () => {
    const backend = await open();
    const plays = [...generated(1), ...generated(2)];
    expect(await playScalers(backend, plays)).toEqual(plays.map(playScaler));
    backend.destroy();
  });
});
