/**
 * A lock that a worker holds as long as it lives: whoever gets it knows that the worker does not, whatever was the
 * reason. No event tells of a worker that the browser has ended.
 */

/** As much of navigator.locks as is used; undefined outside secure contexts. */
export type Locks = Pick<LockManager, 'request'> | undefined;

/** Resolves when this thread holds the lock, which it then keeps. Rejects where there are no locks. */
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
