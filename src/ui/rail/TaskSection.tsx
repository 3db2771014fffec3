import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { BOUNDS } from '../../experiment/bounds';
import { DEFAULT_SEED, defaultBatch } from '../../experiment/defaults';
import { TASK_IDS } from '../../experiment/experiment';
import { useController, useSelect } from '../store/react';
import { withTask } from '../store/structure';
import { Choice } from '../widgets/Choice';
import { Icon } from '../widgets/icons';
import { NumberField } from '../widgets/NumberField';
import { Section } from './Section';

const doubled = (value: number, direction: 1 | -1): number =>
  direction > 0 ? value * 2 : Math.max(1, Math.floor(value / 2));

export function TaskSection(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const task = useSelect((state) => state.experiment.task);
  const batch = useSelect((state) => state.experiment.batch);
  const seed = useSelect((state) => state.experiment.seed);
  const setBatch = (value: number): void => controller.restructure((each) => ({ ...each, batch: value }));
  const setSeed = (value: number): void => controller.restructure((each) => ({ ...each, seed: value }));
  return (
    <Section title={t('rail.task')}>
      <Choice
        label={t('rail.task')}
        restarts
        value={task}
        options={TASK_IDS.map((id) => ({ id, text: t(`task.${id}`) }))}
        onChange={(id) => controller.restructure((experiment) => withTask(experiment, id))}
      />
      <NumberField
        label={t('rail.batch')}
        restarts
        value={batch}
        format={String}
        bound={BOUNDS.batch}
        onChange={setBatch}
        stepped={doubled}
        changed={batch !== defaultBatch(task)}
        onDefault={() => setBatch(defaultBatch(task))}
      />
      <div className="with-dice">
        <NumberField
          label={t('rail.seed')}
          restarts
          value={seed}
          format={String}
          bound={BOUNDS.seed}
          onChange={setSeed}
          stepped={(value, direction, large) => value + direction * (large ? 10 : 1)}
          changed={seed !== DEFAULT_SEED}
          onDefault={() => setSeed(DEFAULT_SEED)}
        />
        <Button
          className="button icon dice"
          aria-label={t('rail.newSeed')}
          onPress={() => setSeed(Math.floor(Math.random() * 1000))}
        >
          <Icon name="dice" />
        </Button>
      </div>
    </Section>
  );
}
