/** A clock that stands still until a test moves it. */
import type { Clock } from '../clock';

/** Lets every promise that is ready go on; a session's chains are a few dozen links long. */
async function settlePromises(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

export class FakeClock implements Clock {
  #now = 0;
  #timers: { readonly time: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** A turn of the event loop takes no time. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.after(0, resolve);
    });
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { time: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time that passes in the middle of a computation: nothing else can happen. */
  compute(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Lets time pass, timers and promises firing in their order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settlePromises();
      const due = this.#timers.filter(({ time }) => time <= end).toSorted((a, b) => a.time - b.time)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.time);
      due.callback();
    }
    this.#now = Math.max(this.#now, end);
  }
}
