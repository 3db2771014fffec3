/**
 * Prints what joins the loss scalers' rules with the lanes' rows, for the two languages of kernels: a structure for the
 * state and one for the parameters of each rule, and the function that picks the rule of a lane. All of it follows from
 * the descriptions in src/training/scalers.
 *
 * A rule is one function in shaders/training/scalers/<rule>.wgsl and one in src/backends/wasm/assembly/scalers/<rule>.ts.
 * Scalers whose rule is null keep their state.
 */
import { raiseNumber, SCALER_LIST } from '../src/training/scalers/index.ts';
import { liveParameters, type LossScaler } from '../src/training/scalers/scaler.ts';
import { RULE_ENDS, ruleBegins } from '../src/training/scalers/rules-text.ts';
import { place, type Word } from '../src/training/scalers/words.ts';

/** A rule, and the scalers that follow it. The first one stands for all. */
interface Rule {
  readonly name: string;
  readonly kinds: readonly number[];
  readonly scaler: LossScaler;
}

function rules(): readonly Rule[] {
  const found = new Map<string, Rule>();
  SCALER_LIST.forEach((scaler, kind) => {
    if (scaler.rule === null) return;
    const known = found.get(scaler.rule) ?? { name: scaler.rule, kinds: [], scaler };
    if (shape(known.scaler) !== shape(scaler)) {
      throw new Error(`${scaler.kind} has other numbers than ${known.scaler.kind}, whose rule it follows`);
    }
    found.set(scaler.rule, { ...known, kinds: [...known.kinds, kind] });
  });
  return [...found.values()];
}

const shape = (scaler: LossScaler): string =>
  JSON.stringify([...scaler.state, ...liveParameters(scaler)].map(({ name, encoding }) => [name, encoding]));

/** `apex-hysteresis`, `growthFactor`: the words that a name is made of. */
const wordsOf = (name: string): string[] => name.replaceAll(/[A-Z]/g, '-$&').toLowerCase().split('-');
const snake = (name: string): string => wordsOf(name).join('_');
const pascal = (name: string): string =>
  wordsOf(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
const upper = (name: string): string => snake(name).toUpperCase();
/** A name of AssemblyScript. */
const camel = (name: string): string => pascal(name).replace(/^./, (first) => first.toLowerCase());

const SHADER_TYPES = { f64: 'vec2<u32>', f32: 'u32', i32: 'i32' } as const;
const structs = ({ scaler }: Rule): [part: string, words: readonly Word[]][] => [
  ['State', scaler.state],
  ['Parameters', liveParameters(scaler)],
];

/** `const DEEPSPEED_RAISES_MINIMUM_REACHED: u32 = 1` in either language. */
const codes = ({ name, scaler }: Rule, print: (name: string, code: number) => string): string =>
  Object.keys(scaler.raises)
    .map((code, i) => print(`${upper(name)}_RAISES_${upper(code)}`, i + 1))
    .join('');

/**
 * The module `package::scaler_words`: numbers of binary32 and binary64 are their bits, the upper word of a double first.
 * `raised` is what a rule sets when the framework raises; the state stays as it was then.
 */
export function scalerWordsShader(): string {
  return rules()
    .map((rule) => {
      const declared = structs(rule).map(([part, words]) => {
        const members = words.map(({ name, encoding }) => `  ${snake(name)}: ${SHADER_TYPES[encoding]},\n`);
        if (part === 'State') members.push('  raised: u32,\n');
        // WGSL has no empty structures.
        else if (members.length === 0) members.push('  none: u32,\n');
        return `struct ${pascal(rule.name)}${part} {\n${members.join('')}}\n`;
      });
      return declared.join('') + codes(rule, (name, code) => `const ${name}: u32 = ${code}u;\n`);
    })
    .join('\n');
}

function shaderLoad({ encoding }: Word, at: string): string {
  const word = `lane_words[${at}]`;
  if (encoding === 'f64') return `vec2<u32>(${word}, lane_words[${at} + 1u])`;
  return encoding === 'i32' ? `bitcast<i32>(${word})` : word;
}

function shaderStore({ encoding }: Word, at: string, value: string): string {
  if (encoding === 'f64') return `lane_words[${at}] = ${value}.x; lane_words[${at} + 1u] = ${value}.y;`;
  return `lane_words[${at}] = ${encoding === 'i32' ? `bitcast<u32>(${value})` : value};`;
}

/** Words of a block with where they are: `state + 1u`. */
const places = (block: string, words: readonly Word[]): [Word, at: string][] =>
  words.map((word, i) => [word, `${block} + ${place(words, i)}u`]);

function shaderCase({ name, kinds, scaler }: Rule): string {
  const type = pascal(name);
  const loads = (block: string, words: readonly Word[]): string[] =>
    places(block, words).map(([word, at]) => shaderLoad(word, at));
  const parameters = liveParameters(scaler);
  const stores = places('state', scaler.state).map(
    ([word, at]) => `        ${shaderStore(word, at, `next.${snake(word.name)}`)}\n`,
  );
  return [
    `    ${ruleBegins(name)}\n    case ${kinds.map((kind) => `${kind}u`).join(', ')}: {\n`,
    `      let before = ${type}State(${[...loads('state', scaler.state), '0u'].join(', ')});\n`,
    `      let numbers = ${type}Parameters(${parameters.length ? loads('parameters', parameters).join(', ') : '0u'});\n`,
    `      let next = ${snake(name)}(before, found_inf, numbers);\n`,
    '      if (next.raised == 0u) {\n',
    ...stores,
    '      }\n      return next.raised;\n    }\n',
    `    ${RULE_ENDS}\n`,
  ].join('');
}

/** Kinds of scaler by what a function gives for them; those with `otherwise` need no case. */
function kindsBy(
  value: (scaler: LossScaler) => string,
  otherwise: string,
): [value: string, kinds: number[]][] {
  const groups = new Map<string, number[]>();
  SCALER_LIST.forEach((scaler, kind) =>
    groups.set(value(scaler), [...(groups.get(value(scaler)) ?? []), kind]),
  );
  groups.delete(otherwise);
  return [...groups];
}

function shaderFunction(head: string, value: (scaler: LossScaler) => string, otherwise: string): string {
  const cases = kindsBy(value, otherwise).map(
    ([result, kinds]) =>
      `    case ${kinds.map((kind) => `${kind}u`).join(', ')}: {\n      return ${result};\n    }\n`,
  );
  return [
    `fn ${head} {\n  let state = row + LANE_SCALER_STATE;\n  switch lane_words[row + LANE_SCALER] {\n`,
    ...cases,
    `    default: {\n      return ${otherwise};\n    }\n  }\n}\n`,
  ].join('');
}

/** Word of the state that counts the steps towards the next growth, or -1. */
const trackerPlace = ({ state }: LossScaler): number => {
  const index = state.findIndex(({ name }) => name === 'tracker');
  return index < 0 ? -1 : place(state, index);
};
const isDouble = ({ state }: LossScaler): boolean => state[0].encoding === 'f64';
const codeAtZero = (scaler: LossScaler): number =>
  scaler.raisesAtZero === undefined ? 0 : raiseNumber(scaler, scaler.raisesAtZero);

/** The module `package::scaler_rules`. */
export function scalerRulesShader(): string {
  const all = rules();
  return [
    'import package::layout::{LANE_SCALER, LANE_SCALER_STATE, LANE_SCALER_PARAMETERS};\n',
    'import package::engine::lane_words::lane_words;\n',
    'import package::numerics::f64::f64_from_f32;\n',
    ...all.flatMap(({ name }) => [
      `import package::scaler_words::{${pascal(name)}State, ${pascal(name)}Parameters};\n`,
      `import package::training::scalers::${snake(name)}::${snake(name)};\n`,
    ]),
    '\n// Updates the state of the scaler in a row; what it raises instead, or 0.\n',
    'fn update_scaler(row: u32, found_inf: bool) -> u32 {\n',
    '  let state = row + LANE_SCALER_STATE;\n  let parameters = row + LANE_SCALER_PARAMETERS;\n',
    '  switch lane_words[row + LANE_SCALER] {\n',
    ...all.map(shaderCase),
    '    default: {\n      return 0u;\n    }\n  }\n}\n',
    '\n// The scale as its framework holds it, in binary64.\n',
    shaderFunction(
      'scale_in_force(row: u32) -> vec2<u32>',
      (scaler) => (isDouble(scaler) ? `vec2<u32>(lane_words[state], lane_words[state + 1u])` : SINGLE),
      SINGLE,
    ),
    '\n// Steps towards the next growth, or 0.\n',
    shaderFunction(
      'scaler_tracker(row: u32) -> u32',
      (scaler) => (trackerPlace(scaler) < 0 ? '0u' : `lane_words[state + ${trackerPlace(scaler)}u]`),
      '0u',
    ),
    '\n// What is raised where gradients are unscaled at scale 0, or 0.\n',
    shaderFunction('raised_at_zero(row: u32) -> u32', (scaler) => `${codeAtZero(scaler)}u`, '0u'),
  ].join('');
}

const SINGLE = 'f64_from_f32(lane_words[state])';

/** Members of a class of AssemblyScript that stands for words in memory. */
function assemblyMembers(words: readonly Word[], part: string): string {
  const types = { f64: 'F64', f32: 'F32', i32: 'I32' } as const;
  return words
    .map(({ name, encoding }, i) => {
      const at = `changetype<usize>(this) + ${4 * place(words, i)}`;
      return [
        `  get ${name}(): ${encoding} {\n    return load${types[encoding]}(${at});\n  }\n`,
        part === 'Parameters'
          ? ''
          : `  set ${name}(value: ${encoding}) {\n    store${types[encoding]}(${at}, value);\n  }\n`,
      ].join('');
    })
    .join('');
}

/** The AssemblyScript module `generated/scaler-words`. A rule gives what is raised, and 0 where it has set the state. */
export function scalerWordsAssembly(): string {
  return [
    "import { loadF32, loadF64, loadI32, storeF32, storeF64, storeI32 } from '../words';\n",
    ...rules().map((rule) => {
      const classes = structs(rule).map(
        ([part, words]) => `export class ${pascal(rule.name)}${part} {\n${assemblyMembers(words, part)}}\n`,
      );
      return classes.join('') + codes(rule, (name, code) => `export const ${name}: u32 = ${code};\n`);
    }),
  ].join('\n');
}

function assemblyFunction(head: string, value: (scaler: LossScaler) => string, otherwise: string): string {
  const cases = kindsBy(value, otherwise).map(([result, kinds]) => {
    const test = kinds.map((kind) => `kind == ${kind}`).join(' || ');
    return `  if (${test}) return ${result};\n`;
  });
  return [
    `export function ${head} {\n  const kind = load<u32>(row + LANE_SCALER);\n  const state = row + LANE_SCALER_STATE;\n`,
    ...cases,
    `  return ${otherwise};\n}\n`,
  ].join('');
}

/** The AssemblyScript module `generated/scaler-rules`: the same as the shader module, with addresses of rows. */
export function scalerRulesAssembly(): string {
  const all = rules();
  return [
    "import { LANE_SCALER, LANE_SCALER_STATE, LANE_SCALER_PARAMETERS } from './layout';\n",
    "import { loadF32, loadF64, loadI32 } from '../words';\n",
    ...all.flatMap(({ name }) => [
      `import { ${pascal(name)}State, ${pascal(name)}Parameters } from './scaler-words';\n`,
      `import { ${camel(name)} } from '../scalers/${name}';\n`,
    ]),
    'export function updateScaler(row: usize, foundInf: bool): u32 {\n',
    '  const kind = load<u32>(row + LANE_SCALER);\n',
    '  const state = row + LANE_SCALER_STATE;\n  const parameters = row + LANE_SCALER_PARAMETERS;\n',
    ...all.map(({ name, kinds }) => {
      const test = kinds.map((kind) => `kind == ${kind}`).join(' || ');
      const values = `changetype<${pascal(name)}State>(state), foundInf, changetype<${pascal(name)}Parameters>(parameters)`;
      return `  if (${test}) return ${camel(name)}(${values});\n`;
    }),
    '  return 0;\n}\n',
    assemblyFunction(
      'scaleInForce(row: usize): f64',
      (scaler) => (isDouble(scaler) ? 'loadF64(state)' : '<f64>loadF32(state)'),
      '<f64>loadF32(state)',
    ),
    assemblyFunction(
      'scalerTracker(row: usize): u32',
      (scaler) => (trackerPlace(scaler) < 0 ? '0' : `loadI32(state + ${4 * trackerPlace(scaler)})`),
      '0',
    ),
    assemblyFunction('raisedAtZero(row: usize): u32', (scaler) => `${codeAtZero(scaler)}`, '0'),
  ].join('');
}
