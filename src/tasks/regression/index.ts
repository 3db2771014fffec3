/** A surface fitted by a small tanh network: the model of the λ lessons, 2-16-16-16-1. */
import { linear } from '../../ops/linear';
import { tanh } from '../../ops/tanh';
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
  model: (builder, x) => {
    const hidden = HIDDEN.reduce((h, name) => {
      const y = linear(builder, h, { name, out: WIDTH });
      return tanh(builder, y, { name: `${name}.tanh`, layer: name });
    }, x);
    return linear(builder, hidden, { name: 'head', out: 1 });
  },
  load: async () => surface(),
};
