/**
 * The GPU memory of a program: one buffer per tensor and arena, [lane][elements of a lane], and a single copy of
 * what all lanes share. Plans of one program share the arenas and, by name, the shared tensors.
 */
import type { Operand } from '../../graph/kernel';
import { packMatrix } from '../../graph/packing';
import type { BufferSize, Plan } from '../../graph/plan';
import type { Tensor } from '../../graph/tensor';
import { message, MessageError } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'tensor-too-large': { tensor: string; size: string; largest: string };
    'experiment-too-large': { size: string; most: string };
  }
}

const MIB = 2 ** 20;
const F32_BYTES = 4;
/**
 * WebGPU tells the largest buffer but not how much memory there is. Browsers kill a page that takes much more than
 * this on machines where the GPU shares the main memory.
 */
const MEMORY_BUDGET = 1024 * MIB;

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / MIB)} MiB`;

/** Names of buffers, by plan; what is said of a plan holds for those that work on its memory as well. */
export type Unused = ReadonlyMap<Plan, ReadonlySet<string>>;

export class Memory {
  readonly #device: GPUDevice;
  readonly #lanes: number;
  readonly #plans: readonly Plan[];
  readonly #unused: Unused;
  readonly #buffers = new Map<string, GPUBuffer>();

  /**
   * @param unused buffers that no dispatch touches, which are not made
   * @throws {RangeError} in words for people, when the plans need more memory than there is.
   */
  constructor(device: GPUDevice, lanes: number, plans: readonly Plan[], unused: Unused = new Map()) {
    this.#device = device;
    this.#lanes = lanes;
    this.#plans = plans;
    this.#unused = unused;
    const sizes = this.#sizes();
    checkSizes(sizes, device.limits);
    for (const [key, size] of sizes) {
      this.#buffers.set(
        key,
        device.createBuffer({
          label: key,
          size,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
        }),
      );
    }
  }

  /** Null for what no dispatch touches. */
  find(plan: Plan, operand: Operand): GPUBuffer | null {
    return this.#buffers.get(this.#key(plan, plan.view(operand).buffer)) ?? null;
  }

  buffer(plan: Plan, operand: Operand): GPUBuffer {
    const { buffer } = plan.view(operand);
    const found = this.find(plan, operand);
    if (!found) throw new Error(`no kernel of the plan uses ${buffer}`);
    return found;
  }

  /** Fills a tensor that all lanes share from its dense values. */
  writeShared(plan: Plan, tensor: Tensor, dense: Float32Array): void {
    const view = plan.view(tensor);
    const elements = new Float32Array(view.rows * view.rowStride);
    packMatrix(dense, view, elements);
    this.#device.queue.writeBuffer(this.buffer(plan, tensor), 0, elements);
  }

  /** Fills a whole buffer: [lane][elements of a lane]. */
  write(plan: Plan, operand: Operand, elements: Float32Array): void {
    this.#device.queue.writeBuffer(this.buffer(plan, operand), 0, elements);
  }

  /** Sets everything to +0 but what all lanes share, which no kernel writes. */
  clear(encoder: GPUCommandEncoder): void {
    const shared = new Set(
      this.#plans.flatMap((plan) => [...sharedTensors(plan).keys()].map((name) => this.#key(plan, name))),
    );
    for (const [key, buffer] of this.#buffers) if (!shared.has(key)) encoder.clearBuffer(buffer);
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
  }

  /** Tensors are numbered within a plan, so their buffers' names are told apart by the plan. */
  #key(plan: Plan, buffer: string): string {
    if (isArena(buffer)) return buffer;
    const shared = sharedTensors(plan).get(buffer);
    return shared ? `shared ${shared.name}` : `plan ${this.#plans.indexOf(plan.base ?? plan)} ${buffer}`;
  }

  /** Bytes of each buffer. */
  #sizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const plan of this.#plans) {
      const unused = this.#unused.get(plan.base ?? plan);
      for (const [name, size] of plan.buffers) {
        if (unused?.has(name)) continue;
        const key = this.#key(plan, name);
        const bytes = bytesOf(size, this.#lanes);
        const known = sizes.get(key) ?? bytes;
        if (known !== bytes) {
          throw new Error(`the plans of the program disagree about ${key}: ${known} and ${bytes} bytes`);
        }
        sizes.set(key, bytes);
      }
    }
    return sizes;
  }
}

const isArena = (buffer: string): boolean => !buffer.startsWith('tensor:');

const bytesOf = ({ elements, shared }: BufferSize, lanes: number): number =>
  elements * (shared ? 1 : lanes) * F32_BYTES;

/** By name of their buffers. */
function sharedTensors(plan: Plan): Map<string, Tensor> {
  return new Map(
    plan.tensors.filter((tensor) => tensor.shared).map((tensor) => [plan.view(tensor).buffer, tensor]),
  );
}

function checkSizes(sizes: ReadonlyMap<string, number>, limits: GPUSupportedLimits): void {
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const [key, bytes] of sizes) {
    if (bytes > largest) {
      const values = { tensor: key, size: mebibytes(bytes), largest: mebibytes(largest) };
      throw new MessageError(message('tensor-too-large', values));
    }
  }
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  if (total > MEMORY_BUDGET) {
    const values = { size: mebibytes(total), most: mebibytes(MEMORY_BUDGET) };
    throw new MessageError(message('experiment-too-large', values));
  }
}
