/** Live values that were asked for but do not show in the records yet. */
import type { Intervention, LiveKey } from '../../experiment/experiment';

export interface PendingValue {
  readonly value: number;
  /** The step before which the engine applies it, null until the engine has answered. */
  readonly step: number | null;
}

/** By `liveId`. */
export type Pending = Readonly<Record<string, PendingValue>>;

export const liveId = (lane: number | 'all', key: LiveKey): string => `${lane} ${key}`;

export const withPending = (pending: Pending, id: string, value: number): Pending => ({
  ...pending,
  [id]: { value, step: null },
});

/** The engine took a value; if the hand has moved on meanwhile, a newer one stays pending. */
export function withAccepted(pending: Pending, { lane, key, value, step }: Intervention): Pending {
  const id = liveId(lane, key);
  return pending[id]?.value === value ? { ...pending, [id]: { value, step } } : pending;
}

export const withoutPending = (pending: Pending, id: string): Pending =>
  Object.fromEntries(Object.entries(pending).filter(([other]) => other !== id));

/** Drops what the records show after so many completed steps. */
export function settledPending(pending: Pending, steps: number): Pending {
  const left = Object.entries(pending).filter(([, { step }]) => step === null || step >= steps);
  return left.length === Object.keys(pending).length ? pending : Object.fromEntries(left);
}
