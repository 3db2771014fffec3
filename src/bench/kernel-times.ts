/** How long each kernel of a step takes in WebAssembly, one lane in one thread. */
import { ShareBuilder } from '../backends/wasm/image';
import { LANE_BLOCK } from '../backends/wasm/call-structs';
import { compileKernels, instantiate } from '../backends/wasm/module';
import type { Program } from '../training/program';

export interface KernelTime {
  readonly kernel: string;
  readonly label: string;
  readonly microseconds: number;
}

/** Steps before anything counts: the engine compiles what is called often once more, and better. */
const WARM_UP = 1000;
/** Other programs only ever make a call longer, so a low quantile says most. */
const QUANTILE = 0.2;

/** @param steps how many to train; each call's figure is the fifth part from below of its times */
export async function kernelTimes(program: Program, steps: number): Promise<readonly KernelTime[]> {
  const { image } = new ShareBuilder(program, program.lanes.slice(0, 1), { maxSteps: 1, counting: true });
  const { memory, kernel } = instantiate(await compileKernels(), image.bytes);
  const words = new Uint32Array(memory.buffer);
  for (const { address, words: data } of [...image.constant, ...image.initial]) words.set(data, address / 4);
  const { kernels, blocks, lanes, records } = image.training;
  const lane = lanes[0];
  words[lane / 4 + LANE_BLOCK.at.record] = records.address;
  const calls = kernels.map(kernel);
  const times = kernels.map((): number[] => []);
  for (let step = 0; step < WARM_UP + steps; step++) {
    words[lane / 4 + LANE_BLOCK.at.step] = step;
    words.fill(0, records.address / 4, records.address / 4 + records.words);
    calls.forEach((call, i) => {
      const start = performance.now();
      call(blocks[0][i], lane);
      if (step >= WARM_UP) times[i].push(performance.now() - start);
    });
  }
  return program.training.calls.map(({ kernel: { name }, label }, i) => ({
    kernel: name,
    label,
    microseconds: 1000 * times[i].sort((a, b) => a - b)[Math.floor(QUANTILE * steps)],
  }));
}
