/** Two spirals told apart by a ReLU network, 2-64-64-2. */
import { crossEntropy } from '../../ops/cross-entropy';
import type { Task } from '../task';
import { spirals as points } from './data';

export const spirals: Task = {
  featureShape: [2],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  layers: [
    { kind: 'linear', name: 'fc1', out: 64 },
    { kind: 'relu', name: 'fc1.relu' },
    { kind: 'linear', name: 'fc2', out: 64 },
    { kind: 'relu', name: 'fc2.relu' },
    { kind: 'linear', name: 'head', out: 2 },
  ],
  load: async () => points(),
};
