import { expect, test } from 'vitest';
import { createWebGpuBackend, WebGpuUnavailable } from '.';
import { HEADER_WORDS, recordWords, type StepRecords } from '../../graph/records';
import { FORMATS } from '../../numerics/formats';
import { gaussian } from '../../testing/inputs';
import { decayProgram } from '../../testing/programs';
import { requestNodeGpu } from './node';
import { probeDevice } from '../../examination/probe-device';
import { messageText } from '../../i18n/said';
import { rejection, words } from '../../testing/said';

test('tells the adapter and what the numerics probe found', async () => {
  const backend = await createWebGpuBackend(await requestNodeGpu(), probeDevice);
  expect(backend.info.kind).toBe('webgpu');
  expect(backend.info.adapter).toMatch(/^WebGPU \(.+\)$/);
  expect(backend.info.notes.map(messageText).join(' ')).toMatch(/rounds to nearest even/);
  backend.destroy();
});

test('refuses a device that computes other bits, and says what is wrong with it', async () => {
  const probe = async () => ({ nativeFtz: false, faithful: false, notes: [words('Sums are reordered.')] });
  const refused = createWebGpuBackend(await requestNodeGpu(), probe);
  expect(await rejection(refused)).toMatch(/does not compute exactly\. Sums are reordered\./);
  await expect(refused).rejects.toBeInstanceOf(WebGpuUnavailable);
});

test('a device that does not flush by itself runs the other variant, with the same bits', async () => {
  const probe = async () => ({ nativeFtz: false, faithful: true, notes: [] });
  const backends = [
    await createWebGpuBackend(await requestNodeGpu(), probeDevice),
    await createWebGpuBackend(await requestNodeGpu(), probe),
  ];
  const program = decayProgram([{ format: FORMATS.bf16, weights: gaussian(15, 1, 1e-36) }]);
  const [native, explicit] = await Promise.all(
    backends.map(async (backend) => (await backend.prepare(program)).run(20)),
  );
  expect(explicit.words).toEqual(native.words);
  for (const backend of backends) backend.destroy();
});

test('without counting, training is the same and no counter moves', async () => {
  const program = decayProgram([{ format: FORMATS.fp16, weights: gaussian(15, 1) }]);
  const backends = [
    await createWebGpuBackend(await requestNodeGpu(), probeDevice),
    await createWebGpuBackend(await requestNodeGpu(), probeDevice, { counting: false }),
  ];
  const runners = await Promise.all(backends.map((backend) => backend.prepare(program)));
  const [counted, uncounted] = await Promise.all(runners.map((runner) => runner.run(5)));
  const counters = ({ words: record, sites }: StepRecords): Uint32Array =>
    record.subarray(HEADER_WORDS, recordWords(sites));
  expect(counters(counted).some((word) => word !== 0)).toBe(true);
  expect(counters(uncounted).every((word) => word === 0)).toBe(true);
  const [a, b] = await Promise.all(runners.map((runner) => runner.read('decay.weight.master', 0)));
  expect(b).toEqual(a);
  for (const backend of backends) backend.destroy();
});
