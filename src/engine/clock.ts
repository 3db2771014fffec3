/** Time and turns of the event loop, as an object so that tests can have their own. */
export interface Clock {
  /** Milliseconds from some fixed moment. */
  now(): number;
  /** Resolves in a later task, after messages that have arrived. */
  turn(): Promise<void>;
  /** Calls back after so many milliseconds; the result cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/**
 * A turn through a message to oneself: timers are held back to 4 ms, and a task queued by a promise alone would let
 * no message in.
 */
export function systemClock(): Clock {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return {
    now: () => performance.now(),
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        port2.postMessage(null);
      }),
    after: (milliseconds, callback) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}
