import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { chromium, defineConfig } from '@playwright/test';
import { INSTALL_HINT, systemBrowser } from './src/backends/webgpu/chromium';

/** A browser that is already there; Playwright's own comes last because it has to be downloaded first. */
function browser(): string {
  const path = systemBrowser() ?? chromium.executablePath();
  if (!existsSync(path)) throw new Error(`the end-to-end tests need Chromium or Chrome: ${INSTALL_HINT}`);
  return path;
}

/** Two checkouts, or two people on one machine, must not test each other's build. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

// The workers read this file too; they find the port that the first reading has chosen in their environment.
process.env.AMP_E2E_PORT ??= String(await freePort());
const baseURL = `http://127.0.0.1:${process.env.AMP_E2E_PORT}`;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  workers: 1,
  // Software adapter, two cores.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL,
    locale: 'en-US',
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    // A trace records every action whether it fails or not, which takes a third of the tests' time: `--trace on` asks for it.
    trace: 'off',
  },
  projects: [
    {
      name: 'webgpu',
      testIgnore: '**/*.no-webgpu.spec.ts',
      use: {
        launchOptions: {
          executablePath: browser(),
          // The software adapter even where there is a GPU, so that every machine runs the same tests.
          args: [
            '--enable-unsafe-webgpu',
            '--use-webgpu-adapter=swiftshader',
            // The page is drawn by the CPU anyway, and without a detour through a software driver a little faster.
            '--disable-gpu-rasterization',
            '--disable-gpu-compositing',
          ],
        },
      },
    },
    {
      // What a visitor without WebGPU sees: tests in files that end in .no-webgpu.spec.ts.
      name: 'no-webgpu',
      testMatch: '**/*.no-webgpu.spec.ts',
      use: { launchOptions: { executablePath: browser(), args: ['--disable-gpu'] } },
    },
  ],
  webServer: {
    // Not through npx, whose process would leave the server behind when it is ended.
    command: `node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --strictPort --port ${process.env.AMP_E2E_PORT}`,
    url: baseURL,
  },
});
