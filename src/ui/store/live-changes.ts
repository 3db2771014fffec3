/**
 * Live changes on their way to the engine. While a slider is dragged only the newest value of a number is sent, and
 * only when the one before has been answered, so that the engine is never behind the hand.
 */
import type { Intervention, LiveKey } from '../../experiment/experiment';
import { liveId } from './pending';

export interface LiveChange {
  readonly lane: number | 'all';
  readonly key: LiveKey;
  readonly value: number;
}

/** Milliseconds between two values of one number. */
const INTERVAL = 60;

export interface LiveChangesHost {
  send(change: LiveChange): Promise<Intervention>;
  /** The engine took the change; it is in force from `intervention.step` on. */
  accepted(intervention: Intervention): void;
  refused(change: LiveChange, reason: unknown): void;
}

export class LiveChanges {
  private readonly host: LiveChangesHost;
  private readonly wanted = new Map<string, LiveChange>();
  private readonly busy = new Set<string>();

  constructor(host: LiveChangesHost) {
    this.host = host;
  }

  request(change: LiveChange): void {
    const id = liveId(change.lane, change.key);
    this.wanted.set(id, change);
    if (!this.busy.has(id)) void this.drain(id);
  }

  /** Forgets what has not been sent; the run it was meant for is gone. */
  clear(): void {
    this.wanted.clear();
  }

  private async drain(id: string): Promise<void> {
    this.busy.add(id);
    for (let change = this.take(id); change; change = this.take(id)) {
      try {
        this.host.accepted(await this.host.send(change));
      } catch (error) {
        this.host.refused(change, error);
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
    this.busy.delete(id);
  }

  private take(id: string): LiveChange | undefined {
    const change = this.wanted.get(id);
    this.wanted.delete(id);
    return change;
  }
}
