import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PRESETS } from '../../experiment/presets';
import { useController, useSelect } from '../store/react';
import { Choice } from '../widgets/Choice';
import { presetOf, presetTitle } from './preset-name';

/** The experiments with a name. A changed one has none. */
export function PresetChoice(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const experiment = useSelect((state) => state.experiment);
  const current = useMemo(() => presetOf(experiment), [experiment]);
  return (
    <Choice
      className="preset"
      bare
      label={t('preset.label')}
      value={current && current.id}
      placeholder={t('preset.custom')}
      options={PRESETS.map(({ id }) => ({ id, text: presetTitle(id) }))}
      onChange={(id) => {
        const preset = PRESETS.find((each) => each.id === id);
        if (preset) controller.load(preset.experiment, { start: true, entry: 'push' });
      }}
    />
  );
}
