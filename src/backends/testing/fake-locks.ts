/** One lock manager for the page and all workers. */
export class FakeLocks {
  readonly #waiting = new Map<string, (() => unknown)[]>();

  /** As one thread sees it; what it holds is free when it dies. */
  ofThread() {
    const held: string[] = [];
    const request = async (name: string, granted: () => unknown): Promise<void> => {
      const queue = this.#waiting.get(name);
      if (queue) {
        queue.push(granted);
        return;
      }
      this.#waiting.set(name, []);
      held.push(name);
      granted();
    };
    const die = (): void => held.splice(0).forEach((name) => this.#waiting.get(name)?.shift()?.());
    return { locks: { request } as unknown as Pick<LockManager, 'request'>, die };
  }
}
