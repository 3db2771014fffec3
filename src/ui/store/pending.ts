/** Live values that were asked for but do not show in the records yet. */
import type { Intervention, LiveKey } from '../../experiment/experiment';
import type { LiveChange } from './live-changes';

export interface PendingValue extends LiveChange {
  /** The step before which the engine applies it, null until the engine has answered. */
  readonly step: number | null;
}

/** By `liveId`. */
export type Pending = Readonly<Record<string, PendingValue>>;

export const liveId = (lane: number | 'all', key: LiveKey): string => `${lane} ${key}`;

export const withPending = (pending: Pending, change: LiveChange): Pending => ({
  ...pending,
  [liveId(change.lane, change.key)]: { ...change, step: null },
});

/** The engine took a value; if the hand has moved on meanwhile, a newer one stays pending. */
export function withAccepted(pending: Pending, intervention: Intervention): Pending {
  const id = liveId(intervention.lane, intervention.key);
  return pending[id]?.value === intervention.value ? { ...pending, [id]: intervention } : pending;
}

export const withoutPending = (pending: Pending, id: string): Pending =>
  Object.fromEntries(Object.entries(pending).filter(([other]) => other !== id));

/** Drops what the records show after so many completed steps: a value in force from step n on needs step n done. */
export function settledPending(pending: Pending, steps: number): Pending {
  const left = Object.entries(pending).filter(([, { step }]) => step === null || step >= steps);
  return left.length === Object.keys(pending).length ? pending : Object.fromEntries(left);
}

/** What was asked for, as if it were in force before a step. */
export const pendingInterventions = (pending: Pending, step: number): Intervention[] =>
  Object.values(pending).map(({ lane, key, value }) => ({ step, lane, key, value }));
