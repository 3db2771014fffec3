/**
 * The end of a training step: completes the header of the step's record, updates the loss scaler and the step
 * counts of every lane, and moves the control block on to the next step.
 */
import advanceShader from '../../shaders/training/advance.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import { inverseScale } from '../graph/lanes';
import { HEADER } from '../graph/records';
import { toBits } from '../numerics/f32';
import { skipsStep } from './optimizer';
import { scalerOf } from './scalers';
import { isRaised } from './scalers/scaler';

/** No operands and no constants. One workgroup serves all lanes, because all of them share the control block. */
export const advanceKernel: Kernel = {
  name: 'advance',
  shader: advanceShader,
  entryPoint: 'advance',
  uses: ['controlWritable', 'lanes', 'records'],
  workgroupSize: 32,
  invocations: () => 1,
  constants: () => [],
  reference: (context) => {
    const { lane, record } = context;
    if (skipsStep(context)) lane.skippedSteps++;
    else lane.optimizerSteps++;
    record[HEADER.scale] = toBits(lane.scale);
    const before = { scale: lane.scale, tracker: lane.growthTracker };
    const { scaler, growthFactor, backoffFactor, growthInterval } = lane.settings;
    const parameters = { growthFactor, backoffFactor, growthInterval };
    const next = scalerOf(scaler).update(before, record[HEADER.foundInf] !== 0, parameters);
    if (isRaised(next)) throw new Error(`the scaler of this lane raised ${next.raises}`);
    if (next.scale !== lane.scale) lane.inverseScale = inverseScale(next.scale);
    lane.scale = next.scale;
    lane.growthTracker = next.tracker;
    record[HEADER.scaleAfter] = toBits(lane.scale);
    record[HEADER.growthTrackerAfter] = lane.growthTracker;
    record[HEADER.optimizerSteps] = lane.optimizerSteps;
  },
};

export const advance = (builder: GraphBuilder): void => {
  builder.call(advanceKernel, { label: 'advance', inputs: [], outputs: [], sites: [] });
};
