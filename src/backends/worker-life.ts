/** What the engine and the shares of the WebAssembly backend have in common as workers: how an end is noticed and told. */

/** As much of a worker as is used. */
export type WorkerLike = Pick<
  Worker,
  'postMessage' | 'addEventListener' | 'removeEventListener' | 'terminate'
>;

/** As much of navigator.locks as is used; undefined outside secure contexts. */
export type Locks = Pick<LockManager, 'request'> | undefined;

/**
 * A lock that a worker holds as long as it lives: whoever gets it knows that the worker does not, whatever was the reason.
 * No event tells of a worker that the browser has ended.
 *
 * Resolves when this thread holds the lock, which it then keeps. Rejects where there are no locks.
 */
export function holdForLife(locks: Locks, name: string): Promise<void> {
  return new Promise((held, refused) => {
    const forLife = (): Promise<never> => {
      held();
      return new Promise(() => undefined);
    };
    if (!locks) refused(new Error('there are no locks here'));
    else locks.request(name, forLife).catch(refused);
  });
}

/** What has been asked of a worker and not been answered: nobody answers after its end, so that rejects all of it. */
export class Questions<Reason extends Error> {
  readonly #open = new Set<(reason: Reason) => void>();
  #reason: Reason | null = null;

  get haveEnded(): boolean {
    return this.#reason !== null;
  }

  /** Rejects with the reason of the end, if it comes before the answer. */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (this.#reason !== null) return Promise.reject(this.#reason);
    return new Promise((resolve, reject) => {
      this.#open.add(reject);
      question()
        .then(resolve, reject)
        .finally(() => this.#open.delete(reject));
    });
  }

  /** @param first is done before anything is rejected, the first time that this is called */
  end(reason: Reason, first: () => void): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    first();
    for (const reject of this.#open) reject(reason);
    this.#open.clear();
  }
}
