/**
 * The smallest program that has all parts of a training step: the weights are their own gradient (of |w|²/2), so they
 * decay. Weights beyond the range of a lane's format overflow in its gradient, small ones underflow.
 */
import { GraphBuilder } from '../graph/builder';
import type { LaneSettings } from '../graph/lanes';
import { plan, type Plan } from '../graph/plan';
import { IN_ORDER, NEAREST_EVEN } from '../graph/policy';
import type { NumberFormat } from '../numerics/formats';
import { advance } from '../training/advance';
import { castParameters } from '../training/cast-parameters';
import type { Program } from '../training/program';
import { sgd } from '../training/sgd';
import { DEFAULT_SETTINGS } from './kernels';
import { siteKernel } from './site-kernel';

export interface DecayLane {
  readonly settings?: Partial<LaneSettings>;
  readonly format: NumberFormat;
  /** 15 initial weights. */
  readonly weights: Float32Array;
}

const SHAPE = [3, 5];

function decayPlan(training: boolean): Plan {
  const builder = new GraphBuilder();
  const weight = builder.parameter('decay', 'weight', SHAPE, { kind: 'constant', value: 1 }, 'decay');
  castParameters(builder);
  if (training) {
    const gradient = builder.tensor('decay.weight.grad', SHAPE);
    const site = builder.site(gradient.name, gradient, {
      layer: 'decay',
      role: 'parameter gradient',
      op: 'decay',
      sources: [weight.castSite],
    });
    gradient.residence = { parameter: weight, arena: 'gradients' };
    weight.gradient = gradient;
    const kernel = siteKernel('vectors');
    builder.call(kernel, { label: 'decay', inputs: [weight.cast], outputs: [gradient], sites: [site] });
    sgd().append(builder);
    advance(builder);
  }
  return plan(builder);
}

export function decayProgram(lanes: readonly DecayLane[]): Program {
  const training = decayPlan(true);
  return {
    training,
    evaluation: decayPlan(false),
    evaluationRows: 1,
    contents: new Map(),
    lanes: lanes.map(({ settings, format, weights }) => ({
      settings: { ...DEFAULT_SETTINGS, ...settings },
      initial: new Map([['decay.weight', weights]]),
      formats: training.sites.map(() => format),
      rounding: NEAREST_EVEN,
      accumulation: IN_ORDER,
    })),
  };
}
