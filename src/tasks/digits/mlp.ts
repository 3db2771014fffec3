/** Handwritten digits with a ReLU network, 64-128-10. */
import { crossEntropy } from '../../ops/cross-entropy';
import { linear } from '../../ops/linear';
import { relu } from '../../ops/relu';
import type { Task } from '../task';
import { CLASSES, loadDigits, PIXELS } from './data';

export const digitsMlp: Task = {
  featureShape: [PIXELS],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  model: (builder, x) => {
    const hidden = relu(builder, linear(builder, x, { name: 'fc1', out: 128 }), { name: 'fc1.relu' });
    return linear(builder, hidden, { name: 'head', out: CLASSES });
  },
  load: loadDigits,
};
