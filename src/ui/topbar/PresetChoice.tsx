import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PRESETS } from '../../experiment/presets';
import { useController } from '../store/react';
import { Choice } from '../widgets/Choice';
import { usePreset, usePresetTitle } from './preset-name';

/** The experiments with a name. A changed one has none. */
export function PresetChoice(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const current = usePreset();
  const titleOf = usePresetTitle();
  return (
    <Choice
      className="preset"
      bare
      label={t('preset.label')}
      value={current && current.id}
      placeholder={t('preset.custom')}
      options={PRESETS.map(({ id }) => ({ id, text: titleOf(id) }))}
      onChange={(id) => {
        const preset = PRESETS.find((each) => each.id === id);
        if (preset) controller.load(preset.experiment, { start: true, entry: 'push' });
      }}
    />
  );
}
