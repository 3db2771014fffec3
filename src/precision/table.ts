/**
 * What a framework does with the operations of a network, as a table. One file of this folder holds one framework; the
 * list is in index.ts.
 */
import type { NumberFormat } from '../numerics/formats';
import type { Stores } from './stores';

/**
 * In which type an operation runs:
 *   low     in the lane's format: operands and weights are cast to it, results and gradients are written in it
 *   full    in FP32
 *   follow  in the type of its operands; of several, the widest, as `a + b` promotes them
 *   widest  the same, because a list of the framework says so
 *   wide    in the second type that the table names
 *   tiles   operands, weights and incoming gradients are cast to the lane's formats; results are written in the second type
 */
export type AutocastClass = 'low' | 'full' | 'follow' | 'widest' | 'wide' | 'tiles';

export interface AutocastTable<Id extends string = string> {
  /** What links and files call it; never changed. */
  readonly id: Id;
  /** Its own name, the same in every language. */
  readonly label: string;
  /** The operations of each class, by the framework's names for them, of which src/ops has a few. */
  readonly lists: Readonly<Partial<Record<AutocastClass, readonly string[]>>>;
  /** The class of every other operation. */
  readonly unlisted: AutocastClass;
  /** Operations that raise an error. */
  readonly banned?: readonly string[];
  /** The second type of `wide` and `tiles`. */
  readonly wide?: string;
  /** The formats that a lane has in the framework unless it is told others: forward and backward. */
  readonly usual: readonly [forward: string, backward: string];
  /** Where weights and the optimizer's memory live, given the lane's format. */
  readonly stores: (format: Pick<NumberFormat, 'name'>) => Stores;
}

/** @param op an operation, or one within another behind a slash (`Site.op`): the outermost that is listed decides */
export function classOf({ lists, unlisted }: AutocastTable, op: string): AutocastClass {
  const classes = Object.keys(lists) as AutocastClass[];
  for (const name of op.split('/')) {
    const found = classes.find((each) => lists[each]?.includes(name));
    if (found) return found;
  }
  return unlisted;
}

/** A list as it is written: names between spaces and line breaks. */
export const names = (text: string): readonly string[] => text.trim().split(/\s+/);
