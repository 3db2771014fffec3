/** Handwritten digits with a small convolutional network: two 3×3 convolutions, a max-pool, a linear head. */
import { conv2d } from '../../ops/conv2d';
import { crossEntropy } from '../../ops/cross-entropy';
import { flatten } from '../../ops/flatten';
import { linear } from '../../ops/linear';
import { maxPool2d } from '../../ops/maxpool2d';
import { relu } from '../../ops/relu';
import type { Task } from '../task';
import { CLASSES, loadDigits } from './data';

export const digitsCnn: Task = {
  featureShape: [1, 8, 8],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  model: (builder, x) => {
    const c1 = conv2d(builder, x, { name: 'conv1', out: 8, kernel: 3, padding: 1 });
    const c2 = conv2d(builder, relu(builder, c1, { name: 'conv1.relu' }), {
      name: 'conv2',
      out: 16,
      kernel: 3,
      padding: 1,
    });
    const pooled = maxPool2d(builder, relu(builder, c2, { name: 'conv2.relu' }), { name: 'pool', kernel: 2 });
    return linear(builder, flatten(builder, pooled, { name: 'flatten' }), { name: 'head', out: CLASSES });
  },
  load: loadDigits,
};
