/** How lanes and formats look: a lane keeps its colour and its dashes everywhere. */
import type { LaneConfig } from '../experiment/experiment';
import { isGradient } from '../analysis/records';
import type { SiteInfo } from '../engine/protocol';
import { FORMATS, parseFormat, type NumberFormat } from '../numerics/formats';

type Hue = 'fp32' | 'tf32' | 'fp16' | 'bf16' | 'e4m3' | 'e5m2' | 'custom';

const HUES: Readonly<Record<string, Hue>> = {
  fp32: 'fp32',
  tf32: 'tf32',
  fp16: 'fp16',
  bf16: 'bf16',
  e4m3fn: 'e4m3',
  e5m2: 'e5m2',
};

/** A format that saturates or flushes looks like the one it comes from. */
const hueOf = (format: string): Hue => HUES[format.replace(/(_sat)?(_ftz)?$/, '')] ?? 'custom';

export const formatColor = (format: string): string => `var(--format-${hueOf(format)})`;

/** A lane's colour for text, dark or light enough to be read. */
export const inkOf = (color: string): string => `color-mix(in oklab, ${color} 72%, var(--ink))`;

export interface LaneStyle {
  readonly color: string;
  /** SVG dash pattern; lanes of one format differ in it. */
  readonly dash: string | undefined;
}

const DASHES = [undefined, '5 4', '2 3', '8 3 2 3'];
const FP16_COLORS = ['fp16', 'fp16-second', 'fp16-third', 'fp16-fourth'];

/** The colour of the n-th lane of a hue. */
function colorOf(hue: Hue, order: number): string {
  if (hue === 'fp16') return `var(--format-${FP16_COLORS[order] ?? 'fp16'})`;
  const share = [100, 65, 45, 80][order] ?? 100;
  return order === 0
    ? `var(--format-${hue})`
    : `color-mix(in oklab, var(--format-${hue}) ${share}%, var(--variant))`;
}

/** The format by which a lane is coloured: the one of its gradients, unless they alone are FP32. */
const tellingFormat = ({ format, gradientFormat }: LaneConfig): string =>
  gradientFormat === 'fp32' ? format : gradientFormat;

export function laneStyles(lanes: readonly LaneConfig[]): readonly LaneStyle[] {
  const hues = lanes.map((lane) => hueOf(tellingFormat(lane)));
  return hues.map((hue, index) => {
    const order = hues.slice(0, index).filter((other) => other === hue).length;
    return { color: colorOf(hue, order), dash: DASHES[order] };
  });
}

const FLUSHED = /_ftz$/;

/**
 * The format of a lane's gradients, which the ruler is about: of the sites that it sums, the one in which most values are
 * written.
 */
export function gradientFormatOf(
  sites: readonly SiteInfo[],
  lane: number,
  wanted: (id: number) => boolean,
): NumberFormat {
  const values = new Map<string, number>();
  for (const site of sites.filter((each) => isGradient(each) && wanted(each.id))) {
    const format = site.formats[lane];
    values.set(format, (values.get(format) ?? 0) + site.count);
  }
  const [[most] = [FORMATS.fp32.name]] = [...values].toSorted(([, a], [, b]) => b - a);
  // It is called as people chose it: that it flushes is the lane's rule.
  const { name, label } = parseFormat(most.replace(FLUSHED, ''));
  return { ...parseFormat(most), name, label };
}
