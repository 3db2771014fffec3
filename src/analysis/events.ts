/**
 * What happened to a lane's loss scale: backoffs, growths, skipped steps, manual changes, and where the scaler raised an error
 * and the lane stopped, from the records.
 */
import { CAUSES, type Cause, type Digest } from './digest';

export const EVENT_KINDS = ['backoff', 'growth', 'skip', 'manual', 'stop'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface ScaleEvent {
  readonly step: number;
  readonly kind: EventKind;
  /** Scale before and after. A manual change takes effect before its step, the others after it. */
  readonly before: number;
  readonly after: number;
  /** The first site with something not finite, for backoffs and skips. */
  readonly site: number | null;
  readonly cause: Cause | null;
  /** Events of its kind that this one, the last of them, stands for; 1 unless they came too close together. */
  readonly count: number;
}

/** Events kept per lane before neighbours of one kind are merged. */
const CAPACITY = 2048;
/** Skipped steps kept by number; a run that skips more has none to spare. */
const MOST_SKIPPED = 65_536;

export class LaneEvents {
  events: ScaleEvent[] = [];
  readonly counts: Record<EventKind, number> = { backoff: 0, growth: 0, skip: 0, manual: 0, stop: 0 };
  /** Steps with infinite or NaN gradients that were skipped, with or without a backoff. */
  skipped = 0;
  /** The first skipped steps, each by its number. */
  readonly skippedSteps: number[] = [];
  /** Skipped steps in a row, up to the newest step. */
  skippedInARow = 0;
  /** Where the scaler raised an error, and which, counted from 1 in its description. */
  raised: { readonly step: number; readonly number: number } | null = null;
  private previous: number | null = null;

  /**
   * @param checks whether the lane's scaler keeps steps with infinities from the weights
   * @param index position of the lane among `lanes`
   */
  append(digest: Digest, index: number, lanes: number, checks: boolean): ScaleEvent[] {
    const added: ScaleEvent[] = [];
    const add = (event: ScaleEvent): void => {
      added.push(event);
      this.counts[event.kind]++;
    };
    for (let offset = 0; offset < digest.steps && this.raised === null; offset++) {
      const row = offset * lanes + index;
      const step = digest.firstStep + offset;
      const before = digest.scale[row];
      const after = digest.scaleAfter[row];
      const none = { step, before, after, site: null, cause: null, count: 1 };
      if (this.previous !== null && before !== this.previous) {
        add({ ...none, kind: 'manual', before: this.previous, after: before });
      }
      if (digest.raised[row] !== 0) {
        this.raised = { step, number: digest.raised[row] };
        add({ ...none, kind: 'stop' });
        continue;
      }
      const skipped = checks && digest.foundInf[row] === 1;
      if (skipped) {
        const site = digest.firstSite[row];
        const cause = site < 0 ? null : CAUSES[digest.firstCause[row]];
        add({ ...none, kind: after < before ? 'backoff' : 'skip', site: site < 0 ? null : site, cause });
        this.skipped++;
        if (this.skippedSteps.length < MOST_SKIPPED) this.skippedSteps.push(step);
      } else if (after > before) {
        add({ ...none, kind: 'growth' });
      }
      this.skippedInARow = skipped ? this.skippedInARow + 1 : 0;
      this.previous = after;
    }
    this.events = mergeNeighbours(this.events.concat(added), CAPACITY);
    return added;
  }
}

/** Merges neighbours of the same kind in the older half of a list until it is no longer than `capacity`. */
function mergeNeighbours(events: ScaleEvent[], capacity: number): ScaleEvent[] {
  if (events.length <= capacity) return events;
  const half = Math.floor(events.length / 2);
  const merged: ScaleEvent[] = [];
  /** Per kind, where an event stands that waits for its neighbour. */
  const waiting = new Map<EventKind, number>();
  for (const event of events.slice(0, half)) {
    const at = waiting.get(event.kind);
    if (at === undefined) {
      waiting.set(event.kind, merged.push(event) - 1);
    } else {
      merged[at] = { ...event, count: merged[at].count + event.count };
      waiting.delete(event.kind);
    }
  }
  merged.sort((a, b) => a.step - b.step);
  return mergeNeighbours(merged.concat(events.slice(half)), capacity);
}

/**
 * At most one mark per kind in each of `columns` equal stretches of [0, steps), so that a chart stays readable:
 * the last event of the stretch stands for all.
 */
export function marksOf(events: readonly ScaleEvent[], steps: number, columns: number): ScaleEvent[] {
  const width = Math.max(1, steps / columns);
  const marks = new Map<string, ScaleEvent>();
  for (const event of events) {
    const key = `${event.kind} ${Math.floor(event.step / width)}`;
    const known = marks.get(key);
    marks.set(key, known ? { ...event, count: known.count + event.count } : event);
  }
  return [...marks.values()].sort((a, b) => a.step - b.step);
}
