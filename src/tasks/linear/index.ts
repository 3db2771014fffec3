/** The ten lines every AMP tutorial begins with: Linear(10, 2), mean squared error, Adam. */
import { meanSquaredError } from '../../ops/mean-squared-error';
import type { Task } from '../task';
import { teacher } from './data';

export const linear: Task = {
  featureShape: [10],
  targetSize: 2,
  loss: meanSquaredError,
  metric: 'loss',
  evaluationInterval: 50,
  layers: [{ kind: 'linear', name: 'fc', out: 2 }],
  load: async () => teacher(),
};
