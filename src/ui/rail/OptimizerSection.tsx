import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shortNumber } from '../../analysis/numbers';
import { BOUNDS } from '../../experiment/bounds';
import { defaultOptimizer } from '../../experiment/defaults';
import type { OptimizerConfig } from '../../experiment/experiment';
import { liveValue } from '../store/live';
import type { Gesture } from '../store/live-changes';
import { useController, useSelect } from '../store/react';
import { withOptimizer } from '../store/structure';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';
import { NumberSlider } from '../widgets/NumberSlider';
import { LAMBDA_SLIDER, LEARNING_RATE_SLIDER } from '../widgets/slider-scales';
import { LiveSlider } from './LiveSlider';
import { Section } from './Section';

const KINDS = ['sgd', 'adam'] as const satisfies readonly OptimizerConfig['kind'][];

export function OptimizerSection(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const task = useSelect((state) => state.experiment.task);
  const kind = useSelect((state) => state.experiment.optimizer.kind);
  const lane = useSelect((state) => state.experiment.lanes[state.selectedLane]);
  const initial = defaultOptimizer(task, kind);
  return (
    <Section title={t('rail.optimizer')}>
      <Choice
        label={t('rail.optimizerKind')}
        restarts
        value={kind}
        options={KINDS.map((id) => ({ id, text: t(`optimizer.${id}`) }))}
        onChange={(id) => controller.restructure((experiment) => withOptimizer(experiment, id))}
        changed={kind !== defaultOptimizer(task).kind}
        onDefault={() =>
          controller.restructure((experiment) => withOptimizer(experiment, defaultOptimizer(task).kind))
        }
      />
      <LiveSlider
        label={t('rail.learningRate')}
        liveKey="learningRate"
        scale={LEARNING_RATE_SLIDER}
        initial={lane.learningRate ?? initial.learningRate}
        allLanes={lane.learningRate === null}
      />
      {kind === 'sgd' ? (
        <OptimizerNumber name="momentum" />
      ) : (
        <>
          <OptimizerNumber name="beta1" />
          <OptimizerNumber name="beta2" />
          <OptimizerNumber name="epsilon" />
        </>
      )}
      <LambdaSlider />
    </Section>
  );
}

type NumberName = 'momentum' | 'beta1' | 'beta2' | 'epsilon';

const numberOf = (optimizer: OptimizerConfig, name: NumberName): number =>
  (optimizer as Partial<Record<NumberName, number>>)[name] ?? 0;

function OptimizerNumber({ name }: { name: NumberName }): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const value = useSelect((state) => numberOf(state.experiment.optimizer, name));
  const initial = useSelect(({ experiment }) =>
    numberOf(defaultOptimizer(experiment.task, experiment.optimizer.kind), name),
  );
  const set = (next: number): void =>
    controller.restructure((each) => ({ ...each, optimizer: { ...each.optimizer, [name]: next } }));
  return (
    <NumberField
      label={t(`rail.${name}`)}
      restarts
      value={value}
      format={shortNumber}
      bound={BOUNDS[name]}
      onChange={set}
      changed={value !== initial}
      onDefault={() => set(initial)}
    />
  );
}

const LAMBDA_BOUND = { min: 2 ** BOUNDS.lossWeightExponent.min, max: 2 ** BOUNDS.lossWeightExponent.max };

/** λ is always a power of two: only then its compensation is exact. */
function LambdaSlider(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const exponent = useSelect((state) => liveValue(state, state.selectedLane, 'lossWeightExponent'));
  const set = (value: number, gesture?: Gesture): void =>
    controller.intervene('all', 'lossWeightExponent', Math.round(Math.log2(value)), { gesture });
  return (
    <NumberSlider
      label={t('rail.lambda')}
      lens
      value={2 ** exponent}
      scale={LAMBDA_SLIDER}
      bound={LAMBDA_BOUND}
      onChange={set}
      changed={exponent !== 0}
      onDefault={() => set(1)}
    />
  );
}
