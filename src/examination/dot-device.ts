/** Dot products of records of bit patterns on a device, with the functions that kernels accumulate with. */
import dotShader from '../../shaders/examination/dot_kernel.wgsl';
import { accumulationWords } from '../numerics/accumulation-procedures';
import { recordWords, type DotTask } from './dot-records';
import { runRows } from './row-kernel';

/** `dotRecords` of src/examination/dot-records.ts, the same bits. */
export function dotOnDevice(
  device: GPUDevice,
  records: Uint32Array<ArrayBuffer>,
  { accumulation, format, k }: DotTask,
): Promise<Uint32Array<ArrayBuffer>> {
  const words = accumulationWords(accumulation, format, format, format);
  const uniform = Uint32Array.from([...words, k, 0, 0, 0]);
  return runRows(device, { shader: dotShader, entryPoint: 'dot_records', uniform }, records, recordWords(k));
}
