/** Two spirals that wind around each other within the unit circle, with a little noise. */
import { cos, sin } from '../../numerics/trigonometry';
import { synthesize } from '../synthetic';
import type { TaskData } from '../task';

const TURNS = 1.5;
const NOISE = 0.03;
const TWO_PI = 6.283185307179586;

export const spirals = (): TaskData =>
  synthesize({
    stream: 1100,
    trainingRows: 1024,
    heldOutRows: 512,
    row: (draw, index) => {
      // Both classes equally often; the second spiral is the first one turned by half a turn.
      const label = index % 2;
      const radius = (draw(0) + 1) / 2;
      const angle = TWO_PI * (TURNS * radius + label / 2);
      const x = radius * cos(angle) + NOISE * draw(1);
      const y = radius * sin(angle) + NOISE * draw(2);
      return { features: [x, y], targets: [label] };
    },
  });
