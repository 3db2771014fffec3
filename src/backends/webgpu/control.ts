/** The control block of a run, as shaders/engine/control.wgsl declares it. */

export const CONTROL_WORDS = 8;

const CONTROL = { step: 0, slot: 1, laneCount: 3, recordWords: 4, slotCount: 5 } as const;

export interface ControlBlock {
  /** Zero-based index of the next step. */
  readonly step: number;
  readonly lanes: number;
  /** Words of one lane's record. */
  readonly recordWords: number;
  /** Slots in the ring of records. */
  readonly slots: number;
}

export function packControl({ step, lanes, recordWords, slots }: ControlBlock): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(CONTROL_WORDS);
  words[CONTROL.step] = step;
  words[CONTROL.slot] = step % slots;
  words[CONTROL.laneCount] = lanes;
  words[CONTROL.recordWords] = recordWords;
  words[CONTROL.slotCount] = slots;
  return words;
}
