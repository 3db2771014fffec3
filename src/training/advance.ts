/**
 * The end of a training step: completes the header of the step's record, updates the loss scaler and the step
 * counts of every lane, and moves the control block on to the next step.
 */
import advanceShader from '../../shaders/training/advance.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { LaneState } from '../graph/lanes';
import { HEADER } from '../graph/records';
import { toBits } from '../numerics/f32';
import { scaleWords } from './lanes';
import { skipsStep } from './optimizer';
import { raiseNumber, scalerOf } from './scalers';
import { isRaised, type LossScaler } from './scalers/scaler';
import { packWords } from './scalers/words';

/** Updates what the scaler remembers, or leaves it where its framework raises; the number of what it raises, or 0. */
function updateScaler(lane: LaneState, scaler: LossScaler, foundInf: boolean): number {
  const next = scaler.update(lane.scalerState, foundInf, lane.settings.scaler.parameters);
  if (isRaised(next)) return raiseNumber(scaler, next.raises);
  lane.scalerState = next;
  Object.assign(lane, scaleWords(next.scale));
  return 0;
}

/**
 * No operands. One workgroup serves all lanes, because all of them share the control block. A lane whose scaler has raised
 * stays as it is. Constants: 1 if gradients are unscaled in a step, so that a scale of 0 may raise there.
 */
export const advanceKernel: Kernel = {
  name: 'advance',
  shader: advanceShader,
  entryPoint: 'advance',
  uses: ['controlWritable', 'lanes', 'records'],
  updatesScalers: true,
  workgroupSize: 32,
  invocations: () => 1,
  constants: ({ attributes }) => [attributes.unscales],
  reference: (context, { attributes }) => {
    const { lane, record } = context;
    if (skipsStep(context)) lane.skippedSteps++;
    else lane.optimizerSteps++;
    record[HEADER.scale] = toBits(lane.scale);
    const scaler = scalerOf(lane.settings.scaler.kind);
    if (lane.raised === 0) lane.raised = updateScaler(lane, scaler, record[HEADER.foundInf] !== 0);
    record[HEADER.raised] = lane.raised;
    // The next step raises in front of the optimizer, which must hear of it before.
    const raises = attributes.unscales === 1 && lane.raised === 0 && lane.scalerState.scale === 0;
    if (raises && scaler.raisesAtZero !== undefined) lane.raised = raiseNumber(scaler, scaler.raisesAtZero);
    record[HEADER.scaleAfter] = toBits(lane.scale);
    record[HEADER.growthTrackerAfter] = lane.scalerState.tracker ?? 0;
    record[HEADER.optimizerSteps] = lane.optimizerSteps;
    record.set(packWords(scaler.state, lane.scalerState), HEADER.scalerState);
  },
};

/** @param unscales whether an optimizer unscales gradients in the same step; a scaler that is played alone has none */
export const advance = (builder: GraphBuilder, { unscales = true } = {}): void => {
  const attributes = { unscales: unscales ? 1 : 0 };
  builder.call(advanceKernel, { label: 'advance', inputs: [], outputs: [], sites: [], attributes });
};
