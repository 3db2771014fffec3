/**
 * The recorded opening is what the engine computes. This test also writes it: `npm run record-opening` runs it with
 * leave to replace the file.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDigester, digestedLanes } from '../../analysis/digest';
import { SiteWindow } from '../../analysis/window';
import { createWasmBackend } from '../../backends/wasm';
import { systemClock } from '../../engine/clock';
import { compile } from '../../engine/compile';
import { Engine } from '../../engine/engine';
import type { Frame, HistogramFrame } from '../../engine/protocol';
import { openingExperiment } from '../../experiment/presets';
import { encodeRecording, type Recording } from './recording';
import { MessageError } from '../../numerics/message';
import { words } from '../../testing/said';

/** Long enough to see the scale back off and grow again, short enough that the engine has caught up in a moment. */
const STEPS = 160;

const columns = <Name extends 'loss' | 'scale' | 'scaleAfter'>(
  frames: readonly Frame[],
  name: Name,
): Float32Array => Float32Array.from(frames.flatMap((frame) => Array.from(frame[name])));

/** One frame of all of a run. */
function joined(frames: readonly Frame[]): Frame {
  return {
    ...frames[0],
    firstStep: 0,
    steps: frames.reduce((sum, { steps }) => sum + steps, 0),
    loss: columns(frames, 'loss'),
    scale: columns(frames, 'scale'),
    scaleAfter: columns(frames, 'scaleAfter'),
    foundInf: Uint8Array.from(frames.flatMap(({ foundInf }) => Array.from(foundInf))),
    counters: Uint32Array.from(frames.flatMap(({ counters }) => Array.from(counters))),
    evaluations: frames.flatMap(({ evaluations }) => evaluations),
  };
}

async function record(steps: number): Promise<Recording> {
  const engine = new Engine({
    clock: systemClock(),
    openBackend: () => createWasmBackend(),
    findAdapter: async () => ({ kind: 'none', reason: words('nobody asks') }),
    compile: (experiment) => compile(experiment, (path) => readFile(join('public', path))),
  });
  const frames: Frame[] = [];
  let histograms: HistogramFrame | null = null;
  const done = new Promise<void>((resolve, reject) => {
    engine.subscribe({
      frame: (frame) => {
        frames.push(frame);
        histograms = frame.histograms ?? histograms;
        // The newest histograms come with the pause at the end.
        if (histograms?.step === steps) resolve();
      },
      status: (status) => {
        if (status.state === 'failed') reject(new MessageError(status.message));
      },
    });
  });
  const loaded = await engine.load(openingExperiment, 'cpu');
  engine.step(steps);
  await done;
  const lanes = openingExperiment.lanes.length;
  const frame = joined(frames);
  const window = new SiteWindow(lanes, loaded.sites.length);
  window.append(frame);
  const digest = createDigester(loaded.sites, digestedLanes(openingExperiment))(frame);
  return { loaded, digest, evaluations: frame.evaluations, window, histograms: histograms! };
}

test('the recorded opening is what the engine computes', { timeout: 60_000 }, async () => {
  const recording = await record(STEPS);
  expect(recording.digest.steps).toBe(STEPS);
  const text = `${JSON.stringify(encodeRecording(recording))}\n`;
  await expect(text).toMatchFileSnapshot('./opening.json');
});
