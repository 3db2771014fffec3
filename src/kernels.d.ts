/** AssemblyScript programs as scripts/assembly-plugin.ts presents them: WebAssembly in base64. */
declare module '*?kernels' {
  const base64: string;
  export default base64;
}
