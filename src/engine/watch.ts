/**
 * Notices that somebody does not answer any more. Only time in which this thread runs counts: a laptop that slept, a
 * frozen tab, and timers that a browser holds back behind a hidden one make a tick late, and a late tick counts once.
 */
import type { Clock } from './clock';
import { message, MessageError, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    seconds: { seconds: number };
    minutes: { minutes: number };
    silence: { who: Message; duration: Message; what: Message };
  }
}

const TICK_MS = 1000;
/** The longest silence that ended well was no fault; one that is so many times as long is. */
const MARGIN = 10;

const durationOf = (milliseconds: number): Message =>
  milliseconds < 120_000
    ? message('seconds', { seconds: milliseconds / 1000 })
    : message('minutes', { minutes: Math.round(milliseconds / 60_000) });

export interface WatchOptions {
  readonly clock: Clock;
  /** Milliseconds of silence before the first answer, and afterwards. */
  readonly patience: { readonly first: number; readonly later: number };
  /** Whether an answer is due; silence counts only while it is. */
  isDue(): boolean;
  /** @param duration how long, as "30 seconds" */
  onSilence(duration: Message): void;
}

export class Watch {
  readonly #options: WatchOptions;
  #quiet = 0;
  #longest = 0;
  #heard = false;
  #cancel: (() => void) | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Begins to listen; does nothing when it listens already. */
  start(): void {
    this.#cancel ??= this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#quiet = 0;
  }

  /** An answer has come. */
  heard(): void {
    this.#longest = Math.max(this.#longest, this.#quiet);
    this.#quiet = 0;
    this.#heard = true;
  }

  get #patience(): number {
    const { first, later } = this.#options.patience;
    return Math.max(this.#heard ? later : first, MARGIN * this.#longest);
  }

  #tick(): void {
    this.#cancel = null;
    this.#quiet = this.#options.isDue() ? this.#quiet + TICK_MS : 0;
    if (this.#quiet < this.#patience) this.start();
    else this.#options.onSilence(durationOf(this.#quiet));
  }
}

/** Nothing was heard of something for a long time. */
export class Silence extends MessageError {
  override readonly name = 'Silence';
}

/**
 * What `work` gives.
 *
 * @param who begins, and `what` completes "… did not answer for 2 minutes when it was asked …"
 * @param late takes what comes when nobody waits for it any more
 * @throws {Silence} when nothing has come after so many milliseconds
 */
export function answered<T>(
  work: Promise<T>,
  { clock, milliseconds, who, what }: { clock: Clock; milliseconds: number; who: Message; what: Message },
  late: (result: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const watch = new Watch({
      clock,
      patience: { first: milliseconds, later: milliseconds },
      isDue: () => true,
      onSilence: (duration) => {
        over = true;
        reject(new Silence(message('silence', { who, duration, what })));
      },
    });
    watch.start();
    work.then(
      (result) => {
        watch.stop();
        if (over) late(result);
        else resolve(result);
      },
      (error: unknown) => {
        watch.stop();
        // What goes wrong after the silence has been told already.
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
