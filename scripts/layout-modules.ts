/**
 * Prints the memory layouts of src/graph/layout as modules of the two languages of kernels. Both plugins do it at build
 * time, so there is no generated file in the repository and nothing to keep in step by hand.
 */
import { LANE_BLOCK, OPERAND } from '../src/backends/wasm/call-structs.ts';
import type { Encoding, Field, Struct } from '../src/graph/layout/struct.ts';
import {
  ACCUMULATION_LAYOUT,
  CONTROL_LAYOUT,
  COUNTER_LAYOUT,
  FORMAT_LAYOUT,
  HEADER_LAYOUT,
  LANE_LAYOUT,
  LOOKS_AT,
  POLICY_LAYOUT,
  ROUNDING_STREAM,
  SCALER_STATE_WORDS,
  UPDATE_LAYOUT,
  VIEW_LAYOUT,
} from '../src/graph/layout/tables.ts';

/** `oneMinusBeta1` as the languages of kernels write it: one_minus_beta1. */
const snake = (name: string): string => name.replaceAll(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
const constant = (...names: readonly string[]): string => names.map(snake).join('_').toUpperCase();

/** Numbers that are not offsets, by the name they have in kernels. */
const CONSTANTS: Readonly<Record<string, number>> = {
  ROUNDING_STREAM,
  SCALER_STATE_WORDS,
  ...Object.fromEntries(
    Object.entries(LOOKS_AT).map(([place, number]) => [constant('looksAt', place), number]),
  ),
};

const comment = (note: string, indent = ''): string =>
  note === '' ? '' : `${indent}// ${note.replaceAll('\n', `\n${indent}// `)}.\n`;

function shaderType(encoding: Exclude<Encoding, 'f64'>): string {
  if (encoding === 'address') throw new Error('a shader has no addresses');
  return encoding;
}

/** Members of a WGSL struct. An f64 is two of them, pads are named to keep the place. */
function shaderMembers(name: string, field: Field): readonly string[] {
  switch (field.kind) {
    case 'pad':
      return Array.from({ length: field.count }, (_, i) => `${name}${i}: u32`);
    case 'block':
      return [`${name}: array<${field.encoding}, ${field.count}>`];
    case 'struct':
      return [`${name}: ${field.struct.name}`];
    case 'scalar':
      return field.encoding === 'f64'
        ? [`${name}_high: u32`, `${name}_low: u32`]
        : [`${name}: ${shaderType(field.encoding)}`];
  }
}

function shaderStruct({ name, note, fields }: Struct): string {
  const members = Object.entries(fields).map(([key, field]) => {
    const lines = shaderMembers(snake(key), field).map((member) => `  ${member},\n`);
    return comment(field.kind === 'pad' ? '' : field.note, '  ') + lines.join('');
  });
  return `${comment(note)}struct ${name} {\n${members.join('')}}\n`;
}

/** Every offset of a structure by its name, and its size, in words. */
function offsetsOf(struct: Struct): readonly (readonly [name: string, words: number])[] {
  return [
    ...Object.entries(struct.at).map(([key, offset]) => [constant(struct.name, key), offset] as const),
    [constant(struct.name, 'words'), struct.words],
  ];
}

/** The module `package::layout`: structures, and the word offsets of their fields. */
export function layoutShader(): string {
  const structs: readonly Struct[] = [
    FORMAT_LAYOUT,
    ACCUMULATION_LAYOUT,
    POLICY_LAYOUT,
    LANE_LAYOUT,
    HEADER_LAYOUT,
    COUNTER_LAYOUT,
    UPDATE_LAYOUT,
    CONTROL_LAYOUT,
    VIEW_LAYOUT,
  ];
  const constants = [...structs.flatMap(offsetsOf), ...Object.entries(CONSTANTS)];
  return [
    ...structs.map(shaderStruct),
    ...constants.map(([name, value]) => `const ${name}: u32 = ${value}u;\n`),
  ].join('\n');
}

function assemblyClass({ name, note, fields }: Struct): string {
  const members = Object.entries(fields).map(([key, field]) => {
    if (field.kind === 'pad') return '';
    if (field.kind !== 'scalar') throw new Error(`${name}.${key}: a class has numbers only`);
    const type = field.encoding === 'address' ? 'usize' : field.encoding;
    return `${comment(field.note, '  ')}  ${key}!: ${type};\n`;
  });
  return `${comment(note)}@unmanaged\nexport class ${name} {\n${members.join('')}}\n`;
}

/** The AssemblyScript module of layouts: byte offsets, for addresses are bytes, and what kernels are called with. */
export function layoutAssembly(): string {
  const offsets = [
    LANE_LAYOUT,
    HEADER_LAYOUT,
    COUNTER_LAYOUT,
    UPDATE_LAYOUT,
    FORMAT_LAYOUT,
    ACCUMULATION_LAYOUT,
    POLICY_LAYOUT,
  ].flatMap(offsetsOf);
  return [
    ...[OPERAND, LANE_BLOCK].map(assemblyClass),
    ...offsets.map(
      ([name, words]) => `export const ${name.replace(/_WORDS$/, '_BYTES')}: usize = ${4 * words};\n`,
    ),
    `export const OPERAND_BYTES: usize = ${OPERAND.bytes};\n`,
    ...Object.entries(CONSTANTS).map(([name, value]) => `export const ${name}: u32 = ${value};\n`),
  ].join('\n');
}
