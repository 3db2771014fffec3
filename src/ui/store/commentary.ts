/**
 * What of a run is worth saying aloud. A scaler that is settled grows and backs off for ever, and a listener must not
 * hear of it for ever: a series of skips is told when it begins, growth when the scale has gained a lot, a diagnosis
 * when it is made for the first time.
 */
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import type { ScaleEvent } from '../../analysis/events';

/** Skips belong to one series until there has been none for so many milliseconds. */
const QUIET = 60_000;
/** Growth is told again when the scale is so many times what was told last. */
const GAIN = 2 ** 4;

export class Commentary {
  private readonly now: () => number;
  private lane = -1;
  private lastSkip = -Infinity;
  private toldScale = 0;
  private readonly toldDiagnoses = new Set<string>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Another run begins. */
  begin(): void {
    this.lane = -1;
    this.toldDiagnoses.clear();
  }

  /** Of new events of the lane that is looked at, the one to tell. */
  eventToTell(lane: number, events: readonly ScaleEvent[]): ScaleEvent | null {
    if (lane !== this.lane) {
      this.lane = lane;
      this.lastSkip = -Infinity;
      this.toldScale = 0;
    }
    const skip = events.find(({ kind }) => kind === 'backoff' || kind === 'skip');
    if (skip) {
      const before = this.lastSkip;
      this.lastSkip = this.now();
      if (this.lastSkip - before >= QUIET) return skip;
    }
    const growth = events.findLast(({ kind, after }) => kind === 'growth' && after >= GAIN * this.toldScale);
    if (!growth) return null;
    this.toldScale = growth.after;
    return growth;
  }

  /** Of the diagnoses that stand, those that have not been told. */
  diagnosesToTell(standing: readonly DiagnosisSpell[]): readonly DiagnosisSpell[] {
    const idOf = ({ lane, diagnosis }: DiagnosisSpell): string => `${lane} ${diagnosis.code}`;
    const fresh = standing.filter((spell) => !this.toldDiagnoses.has(idOf(spell)));
    fresh.forEach((spell) => this.toldDiagnoses.add(idOf(spell)));
    return fresh;
  }
}
