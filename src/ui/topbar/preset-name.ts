/** The experiments with a name. One that has been changed has none. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { serialize } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { PRESETS, type Preset } from '../../experiment/presets';
import type en from '../../i18n/en.json';
import { useSelect } from '../store/react';

type PresetId = Exclude<keyof (typeof en)['preset'], 'label' | 'custom'>;

const links = new Map(PRESETS.map((preset) => [serialize(preset.experiment), preset]));

const presetOf = (experiment: Experiment): Preset | null => links.get(serialize(experiment)) ?? null;

/** The preset that the controls show, null for an experiment of one's own. */
export function usePreset(): Preset | null {
  const experiment = useSelect((state) => state.experiment);
  return useMemo(() => presetOf(experiment), [experiment]);
}

/** A preset's title; an experiment of one's own has none but that. */
export function useExperimentTitle(): (experiment: Experiment) => string {
  const { t } = useTranslation();
  const titleOf = usePresetTitle();
  return (experiment) => {
    const preset = presetOf(experiment);
    return preset ? titleOf(preset.id) : t('preset.custom');
  };
}

export function usePresetTitle(): (id: string) => string {
  const { t } = useTranslation();
  const texts = t('preset', { returnObjects: true });
  const isPresetId = (id: string): id is PresetId => id in texts;
  return (id) => (isPresetId(id) ? texts[id] : id);
}
