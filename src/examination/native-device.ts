/** Asks a device what its own operations give (examination/native.ts). */
import nativeShader from '../../shaders/examination/native.wgsl';
import nativeF16Shader from '../../shaders/examination/native_f16.wgsl';
import type { ShaderSource } from '../graph/shader';
import {
  nativeF16Tables,
  nativeParameters,
  nativeTables,
  tallyNative,
  type NativeF16Operation,
  type NativeOperation,
  type NativeTable,
  type NativeTally,
} from './native';
import { runRows } from './row-kernel';

export interface NativeFindings {
  readonly f32: readonly NativeTally<NativeOperation>[];
  /** Null where the device has no 16-bit floats, or was opened without them. */
  readonly f16: readonly NativeTally<NativeF16Operation>[] | null;
}

async function tallies<Operation extends string>(
  device: GPUDevice,
  kernel: { readonly shader: ShaderSource; readonly entryPoint: string; readonly kind: 'f32' | 'f16' },
  tables: readonly NativeTable<Operation>[],
): Promise<NativeTally<Operation>[]> {
  const found: NativeTally<Operation>[] = [];
  for (const table of tables) {
    const uniform = nativeParameters(table.cases.length);
    const results = await runRows(device, { ...kernel, uniform }, table.rows, 4);
    found.push(tallyNative(table, results, kernel.kind));
  }
  return found;
}

export async function askNative(device: GPUDevice): Promise<NativeFindings> {
  const f32 = await tallies(
    device,
    { shader: nativeShader, entryPoint: 'native', kind: 'f32' },
    nativeTables(),
  );
  if (!device.features.has('shader-f16')) return { f32, f16: null };
  const f16Kernel = { shader: nativeF16Shader, entryPoint: 'native_f16', kind: 'f16' } as const;
  return { f32, f16: await tallies(device, f16Kernel, nativeF16Tables()) };
}
