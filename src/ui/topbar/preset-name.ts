/** The experiments with a name. One that has been changed has none. */
import { serialize } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { PRESETS, type Preset, type PresetId } from '../../experiment/presets';
import { i18n } from '../i18n';

const links = new Map(PRESETS.map((preset) => [serialize(preset.experiment), preset]));

export const presetOf = (experiment: Experiment): Preset | null => links.get(serialize(experiment)) ?? null;

export const presetTitle = (id: PresetId): string => i18n.t(`preset.${id}`);

/** A preset's title; an experiment of one's own is called just that. */
export function experimentTitle(experiment: Experiment): string {
  const preset = presetOf(experiment);
  return preset ? presetTitle(preset.id) : i18n.t('preset.custom');
}
