/** How many steps to hand to the device at once, and when. */

/** Long enough that a hand-over costs little, short enough that a slider is felt at once. */
const TARGET_MS = 12;
/** The newest measurement's share in the running average. */
const WEIGHT = 0.3;
/** A limited run that fell behind by more than this does not catch up. */
const MAX_BEHIND_MS = 250;
/** Steps per second are averaged over about this time. */
const RATE_MS = 1000;

export class Pace {
  #size = 1;
  #msPerStep: number | null = null;
  #stepsPerSecond = 0;
  #lastDone = 0;
  #limit: number | null = null;
  /** At `#anchorTime` the step `#anchorStep` was due. */
  #anchorTime = 0;
  #anchorStep = 0;

  /** Steps of one chunk. */
  get size(): number {
    return this.#size;
  }

  get stepsPerSecond(): number {
    return this.#stepsPerSecond;
  }

  /** Must be called when the run starts or goes on. */
  start(now: number, step: number): void {
    this.#lastDone = now;
    this.#anchorTime = now;
    this.#anchorStep = step;
  }

  setLimit(stepsPerSecond: number | null, now: number, step: number): void {
    this.#limit = stepsPerSecond;
    this.#anchorTime = now;
    this.#anchorStep = step;
  }

  /** Steps that are due from `step` on; Infinity without a limit. */
  due(now: number, step: number): number {
    if (this.#limit === null) return Infinity;
    const behind = now - this.#timeOf(step);
    if (behind > MAX_BEHIND_MS) this.setLimit(this.#limit, now, step);
    return Math.max(
      0,
      Math.floor(((now - this.#anchorTime) / 1000) * this.#limit) + 1 - (step - this.#anchorStep),
    );
  }

  /** Milliseconds until `step` is due. */
  wait(now: number, step: number): number {
    return Math.max(0, this.#timeOf(step) - now);
  }

  #timeOf(step: number): number {
    return this.#limit === null ? 0 : this.#anchorTime + ((step - this.#anchorStep) / this.#limit) * 1000;
  }

  /**
   * A chunk of `steps` that was handed over at `queued` has come back. What it took is the time since then, or since
   * the chunk before it came back where it had to wait for that.
   */
  done(steps: number, queued: number, now: number): void {
    const elapsed = Math.max(0.01, now - Math.max(queued, this.#lastDone));
    const sinceLast = Math.max(0.01, now - this.#lastDone);
    this.#lastDone = now;
    const measured = elapsed / steps;
    this.#msPerStep =
      this.#msPerStep === null ? measured : this.#msPerStep + WEIGHT * (measured - this.#msPerStep);
    const wished = Math.round(TARGET_MS / this.#msPerStep);
    // Doubling at most, so that one lucky measurement does not make a chunk of seconds.
    this.#size = Math.max(1, Math.min(wished, this.#size * 2));
    const rate = (steps / sinceLast) * 1000;
    const share = Math.min(1, sinceLast / RATE_MS);
    this.#stepsPerSecond =
      this.#stepsPerSecond === 0 ? rate : this.#stepsPerSecond + share * (rate - this.#stepsPerSecond);
  }
}
