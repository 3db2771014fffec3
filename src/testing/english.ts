/** Finds English in texts of another language, for the tests of messages and of the page in a browser. */

/**
 * What stays as it is in every language: names of formats, programs, methods and tensors, and what is typed into the page
 * or a shell. Everything else that is Latin is English.
 */
const NAMES: readonly RegExp[] = [
  // What stands in quotes is repeated as it was written, or is to be written so.
  /"[^"]*"/g,
  // Formats, tensors, sites, functions and other code: anything with a digit, a dot, a sign or a bracket in it.
  /[A-Za-z_]*[\d._/()[\]=·²³¹⁻ε-]+[\w.()[\]/=-]*/g,
  /\b(?:AMP Playground|AMP|WebGPU|WebAssembly|TypeScript|WGSL|SIMD|GPU|CPU|FTZ|NVIDIA|Hopper|DeepSeek|SwiftShader)\b/g,
  // GPUs and their generations, adapters and limits by the names that programs give them.
  /\b(?:Volta|Turing|Ampere|Blackwell|CDNA|RTX|GTX|PRO|google|swiftshader|SAT|hysteresis)\b/g,
  /\b[a-z]+[A-Z]\w*\b/g,
  /\b(?:DeepSpeed|Megatron|fairseq|jmp|Flax|Optimizer)\b/g,
  /\b(?:PyTorch|GradScaler|Adam|SGD|MLP|CNN|Kahan|Linear|Google|Vulkan|Ada)\b/g,
  /\b(?:CUDA|cuda|cpu|Keras|Apex|Transformer Engine|Megatron-LM|autocast|softmax)\b/g,
  /\b(?:NaN|Inf|inf|nan|ulp|min|max|exp|log|tanh|erf|sqrt|ln|fma|Home|Esc|Ctrl|Shift|MX|eXmY|English|npm|run|npx)\b/g,
];

/** Stretches of a text that are English: two words and more after another, or one that is no name and not a single letter. */
export function englishIn(text: string): readonly string[] {
  const rest = NAMES.reduce(
    (left, name) => left.replace(name, '\u0000'),
    text.replace(/\{\{.*?\}\}/g, '\u0000'),
  );
  return rest.match(/[A-Za-z]{2,}(?:[ ,'’]+[A-Za-z]+)*/g) ?? [];
}
