/** What people call a lane that they gave no name. */
import { parseFormat } from '../numerics/formats';
import { formatNumber } from './bounds';
import type { Experiment, LaneConfig } from './experiment';

function formatsOf(lane: LaneConfig): string {
  const forward = parseFormat(lane.format).label;
  const backward = parseFormat(lane.gradientFormat).label;
  return forward === backward ? forward : `${forward} / ${backward}`;
}

/** `FP32 baseline`, `FP16 + GradScaler`, `FP16, no scaler`, `FP16, static 2^12`; the given name if there is one. */
export function laneName(lane: LaneConfig): string {
  if (lane.name) return lane.name;
  const formats = formatsOf(lane);
  switch (lane.scaler.kind) {
    case 'none':
      return lane.format === 'fp32' && lane.gradientFormat === 'fp32'
        ? 'FP32 baseline'
        : `${formats}, no scaler`;
    case 'static':
      return `${formats}, static ${formatNumber(lane.scaler.scale)}`;
    case 'dynamic':
      return `${formats} + GradScaler`;
  }
}

/** Overrides that tell lanes apart whose formats and scaler kinds are the same. */
function details(lane: LaneConfig): string {
  const parts: string[] = [];
  if (lane.scaler.kind === 'dynamic') {
    parts.push(`from ${formatNumber(lane.scaler.initialScale)}`, `N ${lane.scaler.growthInterval}`);
  }
  if (lane.learningRate !== null) parts.push(`lr ${lane.learningRate}`);
  if (lane.seed !== null) parts.push(`seed ${lane.seed}`);
  return parts.join(', ');
}

/** Names of all lanes, each different: details are added where names would be equal, then numbers. */
export function laneNames(experiment: Experiment): readonly string[] {
  const plain = experiment.lanes.map(laneName);
  const occurs = (names: readonly string[], name: string): number =>
    names.filter((other) => other === name).length;
  const detailed = experiment.lanes.map((lane, i) => {
    const more = details(lane);
    return occurs(plain, plain[i]) > 1 && more && !lane.name ? `${plain[i]} (${more})` : plain[i];
  });
  const used = new Set<string>();
  return detailed.map((name) => {
    let unique = name;
    for (let copy = 2; used.has(unique); copy++) unique = `${name} #${copy}`;
    used.add(unique);
    return unique;
  });
}
