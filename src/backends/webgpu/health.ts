/** What has gone wrong on a device: WebGPU reports it somewhere else than where results are waited for. */
export class DeviceHealth {
  #failure: string | null = null;

  constructor(device: GPUDevice, lost: Promise<string>) {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#failure ??= `WebGPU reported an error: ${error.message}`;
    });
    void lost.then((message) => (this.#failure ??= message));
  }

  /**
   * Waits for results.
   *
   * @throws {Error} when the device has reported any error by then, because the results cannot be trusted
   */
  async check<T>(results: Promise<T>): Promise<T> {
    try {
      const value = await results;
      if (this.#failure === null) return value;
    } catch (cause) {
      throw new Error(this.#failure ?? `results could not be read back from the GPU: ${String(cause)}`, {
        cause,
      });
    }
    throw new Error(this.#failure);
  }
}
