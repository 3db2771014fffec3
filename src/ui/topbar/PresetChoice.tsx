import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { serialize } from '../../experiment/codec';
import { PRESETS } from '../../experiment/presets';
import type en from '../i18n/en.json';
import { useController, useSelect } from '../store/react';
import { Choice } from '../widgets/Choice';

type PresetId = Exclude<keyof (typeof en)['preset'], 'label' | 'custom'>;

const isPresetId = (id: string, texts: object): id is PresetId => id in texts;

/** The experiments with a name. A changed one has none. */
export function PresetChoice(): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const experiment = useSelect((state) => state.experiment);
  const texts = t('preset', { returnObjects: true });
  const links = useMemo(() => PRESETS.map((preset) => serialize(preset.experiment)), []);
  const current = useMemo(() => links.indexOf(serialize(experiment)), [links, experiment]);
  return (
    <Choice
      className="preset"
      bare
      label={t('preset.label')}
      value={current < 0 ? null : PRESETS[current].id}
      placeholder={t('preset.custom')}
      options={PRESETS.map(({ id }) => ({ id, text: isPresetId(id, texts) ? texts[id] : id }))}
      onChange={(id) => {
        const preset = PRESETS.find((each) => each.id === id);
        if (preset) controller.load(preset.experiment, { start: true, entry: 'push' });
      }}
    />
  );
}
