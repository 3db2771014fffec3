import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldText, powerText } from '../../analysis/numbers';
import { BOUNDS, exponentOfTwo } from '../../experiment/bounds';
import { defaultOptimizer } from '../../experiment/defaults';
import type { OptimizerConfig } from '../../experiment/experiment';
import { liveValue } from '../store/live';
import type { Gesture } from '../store/live-changes';
import { useController, useSelect } from '../store/react';
import { withOptimizer } from '../store/structure';
import { Choice } from '../widgets/Choice';
import { NumberField } from '../widgets/NumberField';
import type { Offer } from '../widgets/NumberInput';
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
      format={fieldText}
      bound={BOUNDS[name]}
      onChange={set}
      changed={value !== initial}
      onDefault={() => set(initial)}
    />
  );
}

const { min: LOWEST, max: HIGHEST } = BOUNDS.lossWeightExponent;
const LAMBDA_BOUND = { min: 2 ** LOWEST, max: 2 ** HIGHEST };

/** The powers of two that somebody may mean who typed another number; a negative one is taken for an exponent. */
function powersNear(value: number): readonly number[] {
  if (Number.isInteger(value) && value < 0 && value >= LOWEST) return [2 ** value];
  if (exponentOfTwo(value) !== null || value <= LAMBDA_BOUND.min || value >= LAMBDA_BOUND.max) return [];
  const below = 2 ** Math.floor(Math.log2(value));
  return [below, 2 * below];
}

/** λ is always a power of two: only then its compensation is exact. */
function LambdaSlider(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const exponent = useSelect((state) => liveValue(state, state.selectedLane, 'lossWeight'));
  const set = (value: number, gesture?: Gesture): void =>
    controller.intervene('all', 'lossWeight', Math.round(Math.log2(value)), { gesture });
  const offer = (value: number): Offer | null => {
    const powers = powersNear(value);
    if (powers.length === 0) return null;
    return { why: t('number.powerOfTwo', { label: t('rail.lambda') }), choices: powers.map(powerText) };
  };
  return (
    <NumberSlider
      label={t('rail.lambda')}
      lens
      value={2 ** exponent}
      scale={LAMBDA_SLIDER}
      bound={LAMBDA_BOUND}
      offer={offer}
      onChange={set}
      changed={exponent !== 0}
      onDefault={() => set(1)}
    />
  );
}
