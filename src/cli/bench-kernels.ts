/** The program behind `npm run -s bench:kernels`: where the time of a step in WebAssembly goes. Not a test. */
import { kernelTimes } from '../bench/kernel-times';
import { columns } from '../bench/table';
import { compile } from '../engine/compile';
import { defaultExperiment, defaultOptimizer, lane } from '../experiment/defaults';
import { TASK_IDS } from '../experiment/experiment';
import { parseFormat } from '../numerics/formats';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { readDataFile } from './data';
import { messageLine, orUsageError, UsageError } from './errors';

async function benchKernels(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: `bench:kernels --task ${TASK_IDS.join('|')} [--format fp32] [--optimizer sgd|adam] [--steps 2000]`,
    positionals: [],
    required: ['task'],
    optional: ['format', 'optimizer', 'steps'],
  });
  const task = oneOf('task', args.required('task'), TASK_IDS);
  const optimizer = oneOf('optimizer', args.option('optimizer') ?? 'adam', ['sgd', 'adam']);
  const format = args.option('format') ?? 'fp32';
  await orUsageError('--format', () => parseFormat(format));
  const steps = positiveInteger('steps', args.option('steps') ?? '2000', 1_000_000);
  const experiment = {
    ...defaultExperiment(task),
    optimizer: defaultOptimizer(task, optimizer),
    lanes: [lane(format)],
  };
  const { program } = await compile(experiment, readDataFile);
  const times = await kernelTimes(program, steps);
  const sum = times.reduce((total, { microseconds }) => total + microseconds, 0);
  const line = (kernel: string, label: string, microseconds: number): string[] => [
    kernel,
    label,
    microseconds.toFixed(1),
    `${((100 * microseconds) / sum).toFixed(0)} %`,
  ];
  const lines = times.map(({ kernel, label, microseconds }) => line(kernel, label, microseconds));
  for (const text of columns([['kernel', 'of', 'µs', 'share'], ...lines, line('all', '', sum)])) {
    console.log(text);
  }
}

try {
  await benchKernels(process.argv.slice(2));
} catch (error) {
  console.error(`bench:kernels: ${messageLine(error, process.argv)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
