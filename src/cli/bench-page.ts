/** A page in the benchmark's browser that measures our backends (src/bench/page.ts), served by Vite from the sources. */
import type { Page } from 'playwright';
import { createServer, type InlineConfig, type ViteDevServer } from 'vite';
import type { Prepared, Training } from '../bench/measure';
import type { Timing } from '../bench/rounds';
import type { BenchBrowser } from './bench-browser';

export class BenchPage {
  readonly #server: ViteDevServer;
  readonly #page: Page;

  private constructor(server: ViteDevServer, page: Page) {
    this.#server = server;
    this.#page = page;
  }

  /** @param sources the server's settings that make it serve other sources than ours */
  static async open(browser: BenchBrowser, sources: InlineConfig = {}): Promise<BenchPage> {
    // Watching and reloading would only disturb.
    const server = await createServer({
      appType: 'mpa',
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
      ...sources,
    });
    await server.listen();
    const page = await browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0]}src/bench/page.html`);
    await page.waitForFunction(() => 'ampBench' in globalThis);
    return new BenchPage(server, page);
  }

  prepare(training: Training, seconds: number): Promise<Prepared> {
    return this.#page.evaluate(([asked, wanted]) => ampBench.prepare(asked, wanted), [
      training,
      seconds,
    ] as const);
  }

  measure(id: number): Promise<Timing> {
    return this.#page.evaluate((asked) => ampBench.measure(asked), id);
  }

  clear(): Promise<void> {
    return this.#page.evaluate(() => ampBench.clear());
  }

  /** The browser is not ours to close. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
