/** The surface sin(1.5a)·cos(b) at random points of [-2, 2]². */
import { cos, sin } from '../../numerics/trigonometry';
import { synthesize } from '../synthetic';
import type { TaskData } from '../task';

export const surface = (): TaskData =>
  synthesize({
    stream: 1000,
    trainingRows: 256,
    heldOutRows: 256,
    row: (draw) => {
      const a = Math.fround(2 * draw(0));
      const b = Math.fround(2 * draw(1));
      return { features: [a, b], targets: [sin(1.5 * a) * cos(b)] };
    },
  });
