/**
 * What the benchmark says about the WebGPU device of this machine before it measures: its name, whether it computes
 * what the reference does, and what a dispatch costs.
 */
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { checkAgreement, type Agreement } from '../bench/agreement';
import { findDevice, measureDispatches, type DeviceDescription, type DispatchTimes } from '../bench/device';
import { secondsPerStep, type Row } from '../bench/rounds';
import { columns, figure } from '../bench/table';
import type { TaskId } from '../experiment/experiment';
import { readDataFile } from './data';
import { probeDevice } from '../examination/probe-device';
import { messageText } from '../i18n/said';

export interface DeviceReport extends DeviceDescription {
  readonly dispatch: DispatchTimes;
  readonly agreement: readonly Agreement[];
}

const microseconds = (seconds: number): string => `${figure(seconds * 1e6)} µs`;

/** Prints what it finds as soon as it is found. @throws {Error} when there is no device */
export async function reportDevice(tasks: readonly TaskId[], steps: number): Promise<DeviceReport> {
  const gpu = await requestNodeGpu();
  const { description, adapter } = await findDevice(gpu);
  const { name, vendor, architecture, software, nativeF16 } = description;
  console.log(
    `adapter: ${name} (${[vendor, architecture, software ? 'software' : ''].filter(Boolean).join(', ')})`,
  );
  console.log(`native f16 (shader-f16): ${nativeF16 ? 'yes' : 'no'}`);
  const device = await adapter.requestDevice();
  const dispatch = await measureDispatches(device);
  device.destroy();
  console.log(
    `a dispatch of an empty kernel: ${microseconds(dispatch.empty)}; ` +
      `of one that needs what the one before has written: ${microseconds(dispatch.dependent)}`,
  );
  const backend = await createWebGpuBackend(gpu, probeDevice);
  for (const note of backend.info.notes) console.log(messageText(note));
  const agreement: Agreement[] = [];
  const sides = { reference: createCpuBackend(), backend, readFile: readDataFile };
  for (const task of tasks) {
    const found = await checkAgreement(task, steps, sides);
    agreement.push(found);
    const verdict = found.differing === 0 ? 'the same bits' : `${found.differing} words DIFFER`;
    console.log(`${task}: ${steps} steps against the reference, ${found.words} words: ${verdict}`);
  }
  backend.destroy();
  return { ...description, dispatch, agreement };
}

/** How far a step is from the time that its dispatches alone would take. */
export function dispatchTable(rows: readonly Row[], { empty, dependent }: DispatchTimes): readonly string[] {
  const lines = rows
    .filter(({ who, counting }) => who === 'webgpu' && counting)
    .map((row) => {
      const [seconds, dispatches] = [secondsPerStep(row), row.dispatchesPerStep ?? 0];
      return [
        row.task,
        `${row.lanes}`,
        figure(1 / seconds),
        `${dispatches}`,
        figure(1000 * seconds),
        figure(seconds / (dispatches * empty)),
        figure(seconds / (dispatches * dependent)),
      ];
    });
  const heading = ['webgpu', 'lanes', 'steps/s', 'dispatches', 'ms/step', ': empty ones', ': dependent ones'];
  return columns([heading, ...lines]);
}
