import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { assembly } from './scripts/assembly-plugin.ts';
import { contentSecurityPolicy } from './scripts/content-security-policy.ts';
import { SlowFirst } from './scripts/slow-first.ts';
import { wesl } from './scripts/wesl-plugin.ts';

export default defineConfig({
  // Relative, so that the built page works from any folder of any host.
  base: './',
  plugins: [wesl(), assembly(), react(), contentSecurityPolicy()],
  worker: { format: 'es', plugins: () => [wesl(), assembly()] },
  build: {
    target: 'es2023',
    sourcemap: true,
    rolldownOptions: {
      output: {
        // Changes rarely, so that a new version of the page finds it in the cache.
        codeSplitting: { groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// }] },
      },
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'shaders/**/*.test.ts'],
    // Processes, not threads: WebGPU in Node chooses its driver through the environment (backends/webgpu/node.ts).
    pool: 'forks',
    sequence: { sequencer: SlowFirst },
    // Vitest leaves one core alone, of two that is half.
    maxWorkers: '100%',
    // Kernels may run on a software adapter with two cores.
    testTimeout: 30_000,
  },
});
