/** What a lane's settings say about the formats of its sites. */
import { flushing, FORMATS, parseFormat, type NumberFormat } from '../numerics/formats';
import { autocastNamed } from '../precision';
import type { LanePrecision } from '../precision/autocast';
import type { LaneConfig } from './experiment';

/** A format with the lane's way to treat subnormal numbers. */
export const laneFormat = (name: string, { subnormals }: Pick<LaneConfig, 'subnormals'>): NumberFormat =>
  subnormals === 'flush' ? flushing(parseFormat(name)) : parseFormat(name);

/** What is FP32 by hand is left alone; there is no FP32 without subnormal numbers to round to. */
const chosenFormat = (name: string, lane: LaneConfig): NumberFormat =>
  name === FORMATS.fp32.name ? FORMATS.fp32 : laneFormat(name, lane);

/**
 * Whether a lane rounds nothing in its operations: FP32 in both directions, or a framework's table that has FP32 only, and
 * nothing else by hand.
 */
export function roundsNothing({
  format,
  gradientFormat,
  autocast,
  siteFormats,
}: Pick<LaneConfig, 'format' | 'gradientFormat' | 'autocast' | 'siteFormats'>): boolean {
  const { unlisted, lists, wide = FORMATS.fp32.name } = autocastNamed(autocast);
  const onlyFull = unlisted === 'full' && Object.keys(lists).every((name) => name === 'full');
  const formats = [...(onlyFull ? [] : [format, gradientFormat, wide]), ...Object.values(siteFormats)];
  return formats.every((name) => name === FORMATS.fp32.name);
}

export function lanePrecision(lane: LaneConfig): LanePrecision {
  const autocast = autocastNamed(lane.autocast);
  return {
    autocast,
    forward: laneFormat(lane.format, lane),
    backward: laneFormat(lane.gradientFormat, lane),
    wide: chosenFormat(autocast.wide ?? FORMATS.fp32.name, lane),
    byHand: new Map(
      Object.entries(lane.siteFormats).map(([place, name]) => [place, chosenFormat(name, lane)]),
    ),
  };
}
