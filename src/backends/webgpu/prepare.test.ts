import { afterEach, beforeAll, describe, expect, test, vi, type MockInstance } from 'vitest';
import { GraphBuilder } from '../../graph/builder';
import type { Kernel } from '../../graph/kernel';
import { plan, type Plan } from '../../graph/plan';
import { FORMATS } from '../../numerics/formats';
import { gaussian } from '../../testing/inputs';
import { decayProgram } from '../../testing/programs';
import { siteKernel } from '../../testing/site-kernel';
import { PreparedPlan, type EngineBuffers } from './calls';
import { dispatchOf } from './dispatch';
import { unfused } from './fusion/fuse';
import { Memory } from './memory';
import { requestNullDevice } from './node';
import { Pipelines } from './pipelines';
import { prepare } from './prepare';
import { refusal, rejection } from '../../testing/said';

const CONDITIONS = { native_ftz: false, counting: true };
const PLAIN = { conditions: {}, constants: {}, scalers: [] };
const kernel = siteKernel('vectors');

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNullDevice();
});

/** A plan of one call, with an operand of this shape each. */
function onePlan(called: Kernel, shape: readonly number[], inPlace = false): Plan {
  const builder = new GraphBuilder();
  const x = builder.tensor('x', shape);
  const y = inPlace ? x : builder.tensor('y', shape);
  const options = { layer: 'layer', role: 'output', op: 'test', sources: [] } as const;
  const site = builder.site('y', y, options);
  builder.call(called, { label: 'layer', inputs: [x], outputs: [y], sites: [site] });
  return plan(builder);
}

async function prepareOne(one: Plan): Promise<PreparedPlan> {
  const memory = new Memory(device, 1, [one]);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM;
  const buffer = device.createBuffer({ size: 1024, usage });
  const engine: EngineBuffers = { control: buffer, lanes: buffer, policy: buffer, records: buffer };
  const pipelines = new Pipelines(device, CONDITIONS);
  return PreparedPlan.prepare(one, unfused(one).dispatches, {
    device,
    pipelines,
    memory,
    engine,
    lanes: 1,
    variant: PLAIN,
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** The buffers that are made on the device from now on. */
function watchBuffers() {
  const buffers: { readonly label: string; readonly destroy: MockInstance }[] = [];
  const create = device.createBuffer.bind(device);
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = create(descriptor);
    buffers.push({ label: descriptor.label ?? '', destroy: vi.spyOn(buffer, 'destroy') });
    return buffer;
  });
  return buffers;
}

const keptOf = (buffers: ReturnType<typeof watchBuffers>): string[] =>
  buffers.filter(({ destroy }) => destroy.mock.calls.length === 0).map(({ label }) => label);

/** Errors of the device would end up in a scope that was left open, and nobody would hear of them. */
const expectNoErrorScope = (): Promise<void> => expect(device.popErrorScope()).rejects.toThrow(/scope/i);

describe('what does not fit is refused in words', () => {
  test('a tensor that is too large', () => {
    const rows = Math.ceil(device.limits.maxBufferSize / 16);
    expect(refusal(() => new Memory(device, 2, [onePlan(kernel, [rows, 4])]))).toMatch(
      /One tensor .* allows .* Use fewer lanes, a smaller batch or a smaller network\./,
    );
  });

  test('too much in all', () => {
    const many = new GraphBuilder();
    for (let i = 0; i < 20; i++) {
      const [x, y] = [many.tensor(`x${i}`, [2 ** 17, 64]), many.tensor(`y${i}`, [2 ** 17, 64])];
      many.call(kernel, { label: 'layer', inputs: [x], outputs: [y], sites: [] });
    }
    expect(refusal(() => new Memory(device, 1, [plan(many)]))).toMatch(
      /takes 1280 MiB of GPU memory; 1024 MiB/,
    );
  });

  test('more workgroups than a dispatch may have', async () => {
    const wide: Kernel = { ...kernel, invocations: () => 2 ** 31 };
    expect(await rejection(prepareOne(onePlan(wide, [1, 4])))).toMatch(
      /test\.site\.vectors of layer needs 33554432/,
    );
  });

  test('and nothing of it is left on the device, its error scopes included', async () => {
    const program = decayProgram([{ format: FORMATS.fp16, weights: gaussian(15, 1) }]);
    const { training } = program;
    const huge = new Map(training.buffers).set('tensor:99', { elements: 2 ** 40, shared: false });
    const tooLarge = { ...program, training: { ...training, buffers: huge } };
    const pipelines = new Pipelines(device, CONDITIONS);
    expect(await rejection(prepare(tooLarge, { device, pipelines, fusion: true }))).toMatch(
      /One tensor .* takes/,
    );
    await expectNoErrorScope();
    const wide: Kernel = { ...kernel, invocations: () => 2 ** 31 };
    expect(await rejection(prepareOne(onePlan(wide, [1, 4])))).toMatch(/workgroups/);
    await expectNoErrorScope();
  });

  test('too little memory, and none of it is kept', async () => {
    const program = decayProgram([{ format: FORMATS.fp16, weights: gaussian(15, 1) }]);
    const buffers = watchBuffers();
    vi.spyOn(device, 'popErrorScope').mockResolvedValueOnce({ message: 'out of memory' });
    const pipelines = new Pipelines(device, CONDITIONS);
    expect(await rejection(prepare(program, { device, pipelines, fusion: true }))).toMatch(
      /has not enough memory/,
    );
    await device.popErrorScope();
    expect(buffers.length).toBeGreaterThan(8);
    expect(keptOf(buffers)).toEqual([]);
  });

  test('a lane without formats for all sites', async () => {
    const program = decayProgram([{ format: FORMATS.fp16, weights: gaussian(15, 1) }]);
    const [lane] = program.lanes;
    const short = { ...program, lanes: [{ ...lane, formats: lane.formats.slice(1) }] };
    const pipelines = new Pipelines(device, CONDITIONS);
    await expect(prepare(short, { device, pipelines, fusion: true })).rejects.toThrow(
      /lane 0 does not have a format/,
    );
  });
});

test('what was ready when another plan failed is not kept', async () => {
  const program = decayProgram([{ format: FORMATS.fp16, weights: gaussian(15, 1) }]);
  const wide: Kernel = { ...program.training.calls[0].kernel, invocations: () => 2 ** 31 };
  const [first, ...others] = program.training.calls;
  const training = { ...program.training, calls: [{ ...first, kernel: wide }, ...others] };
  const buffers = watchBuffers();
  const pipelines = new Pipelines(device, CONDITIONS);
  await expect(prepare({ ...program, training }, { device, pipelines, fusion: true })).rejects.toThrow(
    /workgroups/,
  );
  await vi.waitFor(() => {
    expect(buffers.filter(({ label }) => label === 'call uniforms')).toHaveLength(3);
    expect(keptOf(buffers)).toEqual([]);
  });
});

describe('mistakes in a kernel are reported with its name', () => {
  test('a shader that does not compile, with the line', async () => {
    const text = () => '@compute @workgroup_size(1)\nfn vectors() {\n  let x: u32 = 1.0f;\n}';
    const broken: Kernel = { ...kernel, name: 'broken', shader: { path: 'ops/broken.wgsl', text } };
    await expect(prepareOne(onePlan(broken, [1, 4]))).rejects.toThrow(
      /kernel broken \(shaders\/ops\/broken\.wgsl\) does not compile:\nline 3: [^]*let x: u32 = 1\.0f;/,
    );
  });

  test('an entry point that is not there', async () => {
    const misnamed: Kernel = { ...kernel, name: 'misnamed', entryPoint: 'vektors' };
    await expect(prepareOne(onePlan(misnamed, [1, 4]))).rejects.toThrow(/kernel misnamed[^]*vektors/);
  });

  test('an operand that is read and written', async () => {
    await expect(prepareOne(onePlan(kernel, [1, 4], true))).rejects.toThrow(
      /test\.site\.vectors of layer reads and writes tensor:0/,
    );
  });

  test('outputs in one buffer that the kernel did not announce', async () => {
    const builder = new GraphBuilder();
    const parameters = ['weight', 'bias'] as const;
    const made = parameters.map((role) =>
      builder.parameter('layer', role, [4], { kind: 'constant', value: 1 }, 'full'),
    );
    const x = builder.tensor('x', [1, 4]);
    builder.call(kernel, {
      label: 'layer',
      inputs: [x],
      outputs: made.map(({ cast }) => cast),
      sites: made.map(({ castSite }) => castSite),
    });
    await expect(prepareOne(plan(builder))).rejects.toThrow(/expects a buffer for each output/);
  });

  test('more storage buffers than WebGPU guarantees', async () => {
    const builder = new GraphBuilder();
    const tensors = Array.from({ length: 8 }, (_, i) => builder.tensor(`t${i}`, [1, 4]));
    const greedy: Kernel = { ...kernel, constants: () => [] };
    builder.call(greedy, { label: 'layer', inputs: tensors.slice(1), outputs: [tensors[0]], sites: [] });
    await expect(prepareOne(plan(builder))).rejects.toThrow(/binds 10 storage buffers; WebGPU guarantees 8/);
  });
});

test('a kernel is compiled once for all calls and experiments', async () => {
  const pipelines = new Pipelines(device, CONDITIONS);
  const [first, second] = [1, 30].map((rows) => {
    const one = onePlan(kernel, [rows, 4]);
    return dispatchOf(one.calls[0], one);
  });
  const compiled = await pipelines.compile(first, PLAIN);
  expect(await pipelines.compile(second, PLAIN)).toBe(compiled);
  const general = { conditions: { general_rounding: true }, constants: {}, scalers: [] };
  expect(await pipelines.compile(second, general)).not.toBe(compiled);
});
