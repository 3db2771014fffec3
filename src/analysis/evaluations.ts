/** Measurements on the held-out rows, in bounded memory: when there are too many, every other one is dropped. */
import type { EvaluationRecord } from './records';

const CAPACITY = 2048;

export class Evaluations {
  private records: EvaluationRecord[] = [];
  /** Measurements that come nearer to the one before are not kept; the newest always is. */
  private spacing = 0;

  get newest(): EvaluationRecord | null {
    return this.records.at(-1) ?? null;
  }

  get all(): readonly EvaluationRecord[] {
    return this.records;
  }

  append(record: EvaluationRecord): void {
    const [previous, newest] = [this.records.at(-2), this.records.at(-1)];
    if (newest && record.step <= newest.step) return;
    if (previous && newest && newest.step - previous.step < this.spacing) this.records.pop();
    this.records.push(record);
    if (this.records.length <= CAPACITY) return;
    // One more than the capacity, that is an odd number: the newest stays.
    this.records = this.records.filter((_, index) => index % 2 === 0);
    this.spacing = (2 * record.step) / CAPACITY;
  }

  /** At most `count` of them, evenly spread, the newest included. */
  thinned(count: number): readonly EvaluationRecord[] {
    const size = Math.ceil(this.records.length / count);
    return this.records.filter((_, index) => (this.records.length - 1 - index) % size === 0);
  }
}
