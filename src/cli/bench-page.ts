/** A page in a headless browser that measures (src/bench/page.ts), served by Vite from the sources. */
import { chromium, type Browser, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import type { Bench, Row } from '../bench/measure';
import { INSTALL_HINT, systemBrowser } from '../backends/webgpu/chromium';
import type { BackendKind } from './backend';

export class BenchPage {
  readonly #server: ViteDevServer;
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(server: ViteDevServer, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
  }

  static async launch(): Promise<BenchPage> {
    const executablePath = systemBrowser();
    if (executablePath === undefined) throw new Error(`there is no browser: ${INSTALL_HINT}`);
    // Watching and reloading would only disturb.
    const server = await createServer({
      appType: 'mpa',
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    });
    await server.listen();
    const browser = await chromium.launch({
      executablePath,
      args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    });
    const page = await browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0]}src/bench/page.html`);
    await page.waitForFunction(() => 'ampBench' in globalThis);
    return new BenchPage(server, browser, page);
  }

  open(kind: BackendKind): Promise<void> {
    return this.#page.evaluate((wanted) => ampBench.open(wanted), kind);
  }

  measure(...question: Parameters<Bench['measure']>): Promise<Row> {
    return this.#page.evaluate((asked) => ampBench.measure(...asked), question);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}
