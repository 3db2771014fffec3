/** A surface fitted by a small tanh network: the model of the λ lessons, 2-16-16-16-1. */
import type { Layer } from '../../ops/layers';
import { meanSquaredError } from '../../ops/mean-squared-error';
import type { Task } from '../task';
import { surface } from './data';

const HIDDEN = ['fc1', 'fc2', 'fc3'];
const WIDTH = 16;

export const regression: Task = {
  featureShape: [2],
  targetSize: 1,
  loss: meanSquaredError,
  metric: 'loss',
  evaluationInterval: 50,
  layers: [
    ...HIDDEN.flatMap((name): Layer[] => [
      { kind: 'linear', name, out: WIDTH },
      { kind: 'tanh', name: `${name}.tanh`, layer: name },
    ]),
    { kind: 'linear', name: 'head', out: 1 },
  ],
  load: async () => surface(),
};
