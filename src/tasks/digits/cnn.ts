/** Handwritten digits with a small convolutional network: two 3×3 convolutions, a max-pool, a linear head. */
import { crossEntropy } from '../../ops/cross-entropy';
import type { Task } from '../task';
import { CLASSES, loadDigits } from './data';

export const digitsCnn: Task = {
  featureShape: [1, 8, 8],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  layers: [
    { kind: 'conv2d', name: 'conv1', out: 8, kernel: 3, padding: 1 },
    { kind: 'relu', name: 'conv1.relu' },
    { kind: 'conv2d', name: 'conv2', out: 16, kernel: 3, padding: 1 },
    { kind: 'relu', name: 'conv2.relu' },
    { kind: 'maxpool2d', name: 'pool', kernel: 2 },
    { kind: 'flatten', name: 'flatten' },
    { kind: 'linear', name: 'head', out: CLASSES },
  ],
  load: loadDigits,
};
