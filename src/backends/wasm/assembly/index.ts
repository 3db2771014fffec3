/** Every kernel of the WebAssembly backend: the kernel `linear.input.grad` is exported as `linear_input_grad`. */
export * from './batch';
export * from './conv2d';
export * from './delayed-scaling';
export * from './elementwise';
export * from './linear';
export * from './losses';
export * from './overflow';
export * from './pooling';
export { set_counting } from './site';
export * from './stored';
export * from './training';

/** Where free memory begins. */
export const heapBase: usize = __heap_base;
