/** Handwritten digits with a ReLU network, 64-128-10. */
import { crossEntropy } from '../../ops/cross-entropy';
import type { Task } from '../task';
import { CLASSES, loadDigits, PIXELS } from './data';

export const digitsMlp: Task = {
  featureShape: [PIXELS],
  targetSize: 1,
  loss: crossEntropy,
  metric: 'accuracy',
  evaluationInterval: 50,
  layers: [
    { kind: 'linear', name: 'fc1', out: 128 },
    { kind: 'relu', name: 'fc1.relu' },
    { kind: 'linear', name: 'head', out: CLASSES },
  ],
  load: loadDigits,
};
