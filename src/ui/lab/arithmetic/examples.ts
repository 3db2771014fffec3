/** Sums and products that one has to have seen. */
import type { LabState } from '../state';

export interface Example extends Pick<LabState, 'format' | 'operation' | 'a' | 'b'> {
  readonly c?: string;
  /** Signs and digits only, so the same in every language; the format's name is put before it. */
  readonly text: string;
}

export const EXAMPLES: readonly Example[] = [
  { text: '2048 + 1', format: 'fp16', operation: 'add', a: '2048', b: '1' },
  { text: '2048 + 3', format: 'fp16', operation: 'add', a: '2048', b: '3' },
  { text: '1 + 2⁻¹¹', format: 'fp16', operation: 'add', a: '1', b: '2^-11' },
  { text: '0.1 + 0.2', format: 'fp16', operation: 'add', a: '0.1', b: '0.2' },
  { text: '65504 + 16', format: 'fp16', operation: 'add', a: '65504', b: '16' },
  { text: '256 · 256', format: 'fp16', operation: 'mul', a: '256', b: '256' },
  { text: '2⁻¹³ · 2⁻¹²', format: 'fp16', operation: 'mul', a: '2^-13', b: '2^-12' },
  { text: '256 + 1', format: 'bf16', operation: 'add', a: '256', b: '1' },
  { text: '1 ÷ 3', format: 'bf16', operation: 'div', a: '1', b: '3' },
  { text: '448 + 32', format: 'e4m3fn', operation: 'add', a: '448', b: '32' },
  { text: '448 + 32', format: 'e4m3fn_sat', operation: 'add', a: '448', b: '32' },
  { text: '16777216 + 1', format: 'fp32', operation: 'add', a: '16777216', b: '1' },
  { text: '1.1 · 1.1 − 1.21', format: 'fp32', operation: 'fma', a: '1.1', b: '1.1', c: '-1.21' },
];
