/** Contents of the `lanes` buffer. */
import { initialState, LANE_ROW_WORDS, LANE_WORDS, packSettings } from '../../graph/lanes';
import type { LaneSettings } from '../../graph/lanes';

/** A whole row of the lanes buffer: settings and the state of a run that has not begun. */
export function packLane(settings: LaneSettings): Uint32Array<ArrayBuffer> {
  const row = new Uint32Array(LANE_ROW_WORDS);
  row.set(packSettings(settings));
  const { scale, inverseScale } = initialState(settings);
  row.set(packScale(scale, inverseScale), LANE_WORDS.scale);
  row.set(packFloat(1), LANE_WORDS.momentFactor);
  return row;
}

/** The two words at LANE_WORDS.scale. */
export function packScale(scale: number, inverse: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(new Float32Array([scale, inverse]).buffer);
}

/** One word that holds an f32. */
export const packFloat = (value: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([value]).buffer);
