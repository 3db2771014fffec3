/** Long operations of which only the last one asked for counts: they run one after the other, and stale ones stop. */
export type IsCurrent = () => boolean;

export class Turns {
  private tail: Promise<void> = Promise.resolve();
  private newest = 0;
  private readonly failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.failed = failed;
  }

  /** Makes everything before it stale. */
  take(task: (isCurrent: IsCurrent) => Promise<void>): void {
    const turn = ++this.newest;
    this.append(turn, task);
  }

  /** Does something small when the newest operation is done; not at all if another one is asked for meanwhile. */
  afterwards(task: () => Promise<void>): void {
    this.append(this.newest, task);
  }

  /** Resolves when all that has been asked for is done. */
  done(): Promise<void> {
    return this.tail;
  }

  private append(turn: number, task: (isCurrent: IsCurrent) => Promise<void>): void {
    const isCurrent = (): boolean => turn === this.newest;
    this.tail = this.tail.then(async () => {
      if (!isCurrent()) return;
      try {
        await task(isCurrent);
      } catch (error) {
        if (isCurrent()) this.failed(error);
      }
    });
  }
}
