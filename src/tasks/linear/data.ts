/** A linear teacher: y = W·x + b with two outputs, and noise that no student can explain. */
import { constants, synthesize } from '../synthetic';
import type { TaskData } from '../task';

const INPUTS = 10;
const OUTPUTS = 2;
const NOISE = 0.05;

export function teacher(): TaskData {
  const weights = constants(1200, OUTPUTS * (INPUTS + 1));
  return synthesize({
    stream: 1300,
    trainingRows: 1024,
    heldOutRows: 256,
    row: (draw) => {
      const features = Array.from({ length: INPUTS }, (_, k) => Math.fround(draw(k)));
      const targets = Array.from({ length: OUTPUTS }, (_, out) => {
        const row = weights.slice(out * (INPUTS + 1));
        const exact = features.reduce((sum, x, k) => sum + row[k] * x, row[INPUTS]);
        return exact + NOISE * draw(INPUTS + out);
      });
      return { features, targets };
    },
  });
}
