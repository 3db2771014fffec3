/** Keeps diagnoses from flickering: one is shown when it lasts, and stays for a while when it is gone. */
import type { LaneDiagnosis } from './state';

/** Sightings in a row before a diagnosis is shown, and misses in a row before it goes. */
const SIGHTINGS = 2;
const MISSES = 6;

interface Known {
  readonly entry: LaneDiagnosis;
  readonly sightings: number;
  readonly misses: number;
}

const idOf = ({ lane, diagnosis }: LaneDiagnosis): string => `${lane} ${diagnosis.kind}`;

export class SteadyDiagnoses {
  private known: readonly Known[] = [];

  /** A new run has no past. */
  clear(): void {
    this.known = [];
  }

  /** @returns what to show, with the newest numbers */
  update(seen: readonly LaneDiagnosis[]): LaneDiagnosis[] {
    const fresh = seen
      .filter((entry) => !this.known.some((known) => idOf(known.entry) === idOf(entry)))
      .map((entry): Known => ({ entry, sightings: 1, misses: 0 }));
    const followed = this.known.map((known): Known => {
      const entry = seen.find((each) => idOf(each) === idOf(known.entry));
      return entry
        ? { entry, sightings: known.sightings + 1, misses: 0 }
        : { ...known, misses: known.misses + 1 };
    });
    this.known = [...followed, ...fresh].filter(({ sightings, misses }) =>
      sightings < SIGHTINGS ? misses === 0 : misses < MISSES,
    );
    return this.known.filter(({ sightings }) => sightings >= SIGHTINGS).map(({ entry }) => entry);
  }
}
