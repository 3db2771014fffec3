/** The experiments with a name. One that has been changed has none. */
import { serialize } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { PRESETS, type Preset } from '../../experiment/presets';
import type en from '../../i18n/en.json';
import { i18n } from '../i18n';

type PresetId = Exclude<keyof (typeof en)['preset'], 'label' | 'custom'>;

const links = new Map(PRESETS.map((preset) => [serialize(preset.experiment), preset]));

export const presetOf = (experiment: Experiment): Preset | null => links.get(serialize(experiment)) ?? null;

export function presetTitle(id: string): string {
  const texts = i18n.t('preset', { returnObjects: true });
  const isPresetId = (name: string): name is PresetId => Object.hasOwn(texts, name);
  return isPresetId(id) ? texts[id] : id;
}

/** A preset's title; an experiment of one's own is called just that. */
export function experimentTitle(experiment: Experiment): string {
  const preset = presetOf(experiment);
  return preset ? presetTitle(preset.id) : i18n.t('preset.custom');
}
