/**
 * Live changes on their way to the engine. Every value that the engine takes becomes part of the link, so a gesture
 * leaves one: while the hand moves, the controls show where it is, and the run gets the value at which it lets go.
 */
import type { Intervention, LiveKey } from '../../experiment/experiment';
import { liveId } from './pending';

export interface LiveChange {
  readonly lane: number | 'all';
  readonly key: LiveKey;
  readonly value: number;
}

/**
 * Where a value stands in a gesture: `move` while a slider or handle is dragged or a key is held down, `end` when it
 * is let go. A value without a gesture was typed or chosen.
 */
export type Gesture = 'move' | 'end';

/** Least milliseconds between two values of one number. */
const INTERVAL = 250;

export interface LiveChangesHost {
  /** @param isMeant whether the run that the change was made for is still there; the change must not reach another */
  send(change: LiveChange, isMeant: () => boolean): Promise<Intervention | null>;
  /** The engine took the change; it is in force from `intervention.step` on. */
  accepted(intervention: Intervention): void;
  refused(change: LiveChange, reason: unknown): void;
}

interface Waiting {
  readonly change: LiveChange;
  /** None while a hand holds it. */
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

export class LiveChanges {
  private readonly host: LiveChangesHost;
  private readonly waiting = new Map<string, Waiting>();
  /** When the run was last given a value of each number. */
  private readonly sent = new Map<string, number>();
  private underWay = new Set<Promise<void>>();
  /** Identity of the experiment that changes are made for; answers for another one are of no interest any more. */
  private meant: object = {};

  constructor(host: LiveChangesHost) {
    this.host = host;
  }

  request(change: LiveChange, gesture?: Gesture): void {
    const id = liveId(change.lane, change.key);
    this.forgetWaiting(id);
    const wait = (this.sent.get(id) ?? -Infinity) + INTERVAL - Date.now();
    if (gesture === 'move') this.waiting.set(id, { change, timer: undefined });
    else if (wait <= 0) this.send(id, change);
    else this.waiting.set(id, { change, timer: setTimeout(() => this.send(id, change), wait) });
  }

  /** Sends what waits, because something follows that must come after it. Resolves when all has been answered. */
  async flush(): Promise<void> {
    for (const [id, { change }] of this.waiting) this.send(id, change);
    await Promise.all(this.underWay);
  }

  /** Forgets what has not been sent, and answers to what has: the experiment they are about is gone. */
  clear(): void {
    for (const id of this.waiting.keys()) this.forgetWaiting(id);
    this.underWay = new Set();
    this.meant = {};
  }

  private forgetWaiting(id: string): void {
    clearTimeout(this.waiting.get(id)?.timer);
    this.waiting.delete(id);
  }

  private send(id: string, change: LiveChange): void {
    this.forgetWaiting(id);
    this.sent.set(id, Date.now());
    const { underWay } = this;
    const answered = this.exchange(change).finally(() => underWay.delete(answered));
    underWay.add(answered);
  }

  private async exchange(change: LiveChange): Promise<void> {
    const { meant } = this;
    const isMeant = (): boolean => meant === this.meant;
    try {
      const intervention = await this.host.send(change, isMeant);
      if (intervention && isMeant()) this.host.accepted(intervention);
    } catch (error) {
      if (isMeant()) this.host.refused(change, error);
    }
  }
}
