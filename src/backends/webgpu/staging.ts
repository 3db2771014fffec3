/**
 * Reads results back without making the GPU wait: each read-back has its own mappable buffer until its data has been
 * taken, and then the buffer serves again. The pool is as deep as there are read-backs in flight.
 */
export class StagingPool {
  readonly #device: GPUDevice;
  readonly #size: number;
  readonly #free: GPUBuffer[] = [];
  readonly #all = new Set<GPUBuffer>();

  /** @param size bytes of each buffer, a multiple of four */
  constructor(device: GPUDevice, size: number) {
    this.#device = device;
    this.#size = size;
  }

  /** A buffer to copy results to, in commands that are submitted before `read` is called with it. */
  take(): GPUBuffer {
    const free = this.#free.pop();
    if (free) return free;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ label: 'staging', size: this.#size, usage });
    this.#all.add(buffer);
    return buffer;
  }

  /** The first `bytes` of a taken buffer, once the GPU has written them. Gives the buffer back. */
  async read(buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
    const copy = buffer.getMappedRange(0, bytes).slice(0);
    buffer.unmap();
    this.#free.push(buffer);
    return copy;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
    this.#all.clear();
    this.#free.length = 0;
  }
}
