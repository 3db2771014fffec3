/**
 * The program behind `npm run -s bench`: training steps per second and CPU time per step of every task with 1 to 40
 * lanes on each backend, what share of a step counting takes, and the same of other libraries (`--peers`). Not a test.
 * docs/performance.md says what its columns mean.
 *
 * `--in chromium` measures in a page of the installed browser, headless and on its software adapter, which is what
 * figures in docs/decisions.md mean. The default is Node with Dawn, on a graphics card where there is one; of that one
 * it also says what it is, whether it agrees with the reference, and what a dispatch costs.
 */
import { cpus } from 'node:os';
import { verdicts } from '../bench/aims';
import { optimizerOf } from '../bench/measure';
import { DIFFERENCES } from '../bench/peers';
import { cpuPerStep, secondsPerStep, type Failure, type Row } from '../bench/rounds';
import { aimsTable, rowsTable, subjectName } from '../bench/table';
import { defaultBatch } from '../experiment/defaults';
import type { TaskId } from '../experiment/experiment';
import { benchOptions, type BenchOptions } from './bench-arguments';
import { dispatchTable, reportDevice } from './bench-device';
import { measureTask, openPlace, type Place } from './bench-run';
import { messageLine, UsageError } from './errors';
import { writeJson } from './files';

const SCHEMA = 'amp-playground/bench/2';

const printAll = (lines: readonly string[]): void => lines.forEach((line) => console.log(line));

const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
});

function printHeader({ seconds, rounds }: BenchOptions, { browser, peers, clock }: Place): void {
  const { cpu, cores, platform, node } = machine();
  console.log(
    `${cpu}, ${cores} cores, ${platform}, ${browser === undefined ? `Node ${node}` : `Chromium ${browser}`}`,
  );
  console.log(`${rounds} rounds by turns, ${seconds} s for each in all; medians`);
  if (clock().own === null) console.log('CPU time is not available on this system.');
  if (peers !== undefined) console.log(DIFFERENCES);
}

function printTask(
  task: TaskId,
  { rows, failures }: { rows: readonly Row[]; failures: readonly Failure[] },
  { optimizer }: BenchOptions,
): void {
  const { kind, learningRate } = optimizerOf(task, optimizer);
  console.log(`\n${task}: batch ${defaultBatch(task)}, ${kind} ${learningRate}`);
  if (rows.length > 0) printAll(rowsTable(rows));
  for (const { subject, message } of failures) {
    console.log(`${subjectName(subject)}, lanes: ${subject.lanes}, could not be measured: ${message}`);
  }
}

/** Rows with their medians, for whoever reads the file. */
const exported = (rows: readonly Row[]) =>
  rows.map((row) => ({
    ...row,
    stepsPerSecond: 1 / secondsPerStep(row),
    cpuSecondsPerStep: cpuPerStep(row),
  }));

/**
 * In a page the adapter is always the software one, which the tests compare with the reference at length. Where there is
 * no device, or it does not compute exactly, what else is to be measured still can be.
 */
async function deviceOf({ tasks, backends, agreementSteps }: BenchOptions, { browser }: Place) {
  if (browser !== undefined || !backends.includes('webgpu')) return undefined;
  try {
    return await reportDevice(tasks, agreementSteps);
  } catch (error) {
    console.log(`webgpu: ${messageLine(error, [])}`);
    return undefined;
  }
}

async function bench(argv: readonly string[]): Promise<void> {
  const options = benchOptions(argv);
  const place = await openPlace(options);
  printHeader(options, place);
  const device = await deviceOf(options, place);
  const rows: Row[] = [];
  const failures: Failure[] = [];
  // After each task, so that a run that is cut short leaves what it has found.
  const save = async (): Promise<void> => {
    if (options.out === undefined) return;
    const { browser } = place;
    const measured = { rows: exported(rows), failures, aims: verdicts(rows) };
    await writeJson(options.out, {
      schema: SCHEMA,
      machine: machine(),
      browser,
      options,
      device,
      ...measured,
    });
  };
  await save();
  for (const task of options.tasks) {
    const measured = await measureTask(task, options, place);
    rows.push(...measured.rows);
    failures.push(...measured.failures);
    printTask(task, measured, options);
    await save();
  }
  await place.close();
  if (device !== undefined && rows.length > 0) printAll(['', ...dispatchTable(rows, device.dispatch)]);
  const judged = verdicts(rows);
  if (judged.length > 0) printAll(['', ...aimsTable(judged)]);
  console.log(`\nThis took ${(performance.now() / 1000).toFixed(0)} s.`);
  if (rows.length === 0) throw new Error('nothing could be measured');
  if (device?.agreement.some(({ differing }) => differing > 0) === true) {
    throw new Error('this device does not give the bits of the reference');
  }
}

try {
  await bench(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(0);
} catch (error) {
  console.error(`bench: ${messageLine(error, process.argv)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
