/**
 * The end of a step for one tensor under Transformer Engine's delayed scaling: the largest magnitude that the step met
 * goes into the history, from which the next scale follows. scalers/delayed-scaling.ts says how.
 */
import delayedScalingShader from '../../shaders/training/delayed_scaling.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Tensor } from '../graph/tensor';
import {
  delayedScalingTarget,
  updateDelayedScaling,
  type DelayedScalingParameters,
} from './scalers/delayed-scaling';

export interface DelayedScalingTensors {
  /** [1, steps]: largest magnitude of each step. */
  readonly magnitudes: Tensor;
  /** [1, 3]: what `recipeOf` gives. */
  readonly recipe: Tensor;
  /** [1, longest history of a lane]. */
  readonly history: Tensor;
  /** [1, 1]. */
  readonly scale: Tensor;
}

/** Numbers of a lane: length of the history, what the largest magnitude is scaled to, and 1 if the latest alone counts. */
export const recipeOf = (parameters: DelayedScalingParameters): Float32Array =>
  Float32Array.of(
    parameters.historyLength,
    delayedScalingTarget(parameters),
    parameters.algorithm === 'most_recent' ? 1 : 0,
  );

/** All operands lie in one arena and are read and written. */
export const delayedScalingKernel: Kernel = {
  name: 'delayed scaling',
  shader: delayedScalingShader,
  entryPoint: 'delayed_scaling',
  uses: [],
  outputsShareBuffer: true,
  workgroupSize: 1,
  invocations: () => 1,
  constants: () => [],
  reference: ({ outputs: [magnitudes, recipe, history, scale], step }) => {
    if (step >= magnitudes.columns) return;
    const [length, target, latestAlone] = recipe.data;
    const before = { scale: scale.data[0], history: [...history.data.subarray(0, length)] };
    const algorithm = latestAlone === 1 ? 'most_recent' : 'max';
    const after = updateDelayedScaling(before, magnitudes.data[step], { target, algorithm });
    history.data.set(after.history);
    scale.data[0] = after.scale;
  },
};

export const delayedScaling = (
  builder: GraphBuilder,
  { magnitudes, recipe, history, scale }: DelayedScalingTensors,
): void => {
  const outputs = [magnitudes, recipe, history, scale];
  builder.call(delayedScalingKernel, { label: 'delayed scaling', inputs: [], outputs, sites: [] });
};
