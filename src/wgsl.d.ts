/** Files under shaders/, as scripts/wesl-plugin.ts presents them. */
declare module '*.wgsl' {
  const source: import('./graph/shader').ShaderSource;
  export default source;
}
