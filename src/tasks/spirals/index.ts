/** Two spirals told apart by a ReLU network, 2-64-64-2. */
import { crossEntropy } from '../../ops/cross-entropy';
import { linear } from '../../ops/linear';
import { relu } from '../../ops/relu';
import type { Task } from '../task';
import { spirals as points } from './data';

export const spirals: Task = {
  featureShape: [2],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  model: (builder, x) => {
    const h1 = relu(builder, linear(builder, x, { name: 'fc1', out: 64 }), { name: 'fc1.relu' });
    const h2 = relu(builder, linear(builder, h1, { name: 'fc2', out: 64 }), { name: 'fc2.relu' });
    return linear(builder, h2, { name: 'head', out: 2 });
  },
  load: async () => points(),
};
