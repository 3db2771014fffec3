/** All tasks, by the name that experiments use. */
import { digitsCnn } from './digits/cnn';
import { digitsMlp } from './digits/mlp';
import { linear } from './linear';
import { regression } from './regression';
import { spirals } from './spirals';
import type { Task } from './task';

export const TASKS = {
  regression,
  spirals,
  'digits-mlp': digitsMlp,
  'digits-cnn': digitsCnn,
  linear,
} as const satisfies Record<string, Task>;
