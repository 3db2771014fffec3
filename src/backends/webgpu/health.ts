/** What has gone wrong on a device: WebGPU reports it somewhere else than where results are waited for. */
import { message, MessageError, reasonOf, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'webgpu-error': { error: string };
    'results-unreadable': { cause: Message };
  }
}
export class DeviceHealth {
  #failure: Message | null = null;

  constructor(device: GPUDevice, lost: Promise<Message>) {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#failure ??= message('webgpu-error', { error: error.message });
    });
    void lost.then((reason) => (this.#failure ??= reason));
  }

  /**
   * Waits for results.
   *
   * @throws {MessageError} when the device has reported any error by then, because the results cannot be trusted
   */
  async check<T>(results: Promise<T>): Promise<T> {
    try {
      const value = await results;
      if (this.#failure === null) return value;
    } catch (cause) {
      const failure = this.#failure ?? message('results-unreadable', { cause: reasonOf(cause) });
      throw new MessageError(failure, { cause });
    }
    throw new MessageError(this.#failure);
  }
}
