/** The control block of a run: CONTROL_LAYOUT. */
import { CONTROL_LAYOUT } from '../../graph/layout/tables';

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
  const words = new Uint32Array(CONTROL_LAYOUT.words);
  CONTROL_LAYOUT.write(words, {
    step,
    slot: step % slots,
    laneCount: lanes,
    recordWords,
    slotCount: slots,
  });
  return words;
}
