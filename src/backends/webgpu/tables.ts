/** Contents of the two small tables that kernels look things up in: lanes and formats. */
import { initialState, LANE_ROW_WORDS, LANE_WORDS, packSettings } from '../../graph/lanes';
import type { LaneSettings } from '../../graph/lanes';
import { formatWords, type NumberFormat } from '../../numerics/formats';

export const FORMAT_WORDS = 4;

/** A whole row of the lanes buffer: settings and the state of a run that has not begun. */
export function packLane(settings: LaneSettings): Uint32Array<ArrayBuffer> {
  const row = new Uint32Array(LANE_ROW_WORDS);
  row.set(packSettings(settings));
  const { scale, inverseScale } = initialState(settings);
  row.set(packScale(scale, inverseScale), LANE_WORDS.scale);
  return row;
}

/** The two words at LANE_WORDS.scale. */
export function packScale(scale: number, inverse: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(new Float32Array([scale, inverse]).buffer);
}

/** The policy table, [site][lane][FORMAT_WORDS], from the formats of each lane by site id. */
export function packFormats(lanes: readonly (readonly NumberFormat[])[]): Uint32Array<ArrayBuffer> {
  const sites = lanes[0].length;
  const table = new Uint32Array(sites * lanes.length * FORMAT_WORDS);
  lanes.forEach((formats, lane) => {
    formats.forEach((format, site) => {
      table.set(formatWords(format), (site * lanes.length + lane) * FORMAT_WORDS);
    });
  });
  return table;
}
