/** The browser that a benchmark measures in: our page and those of the peers are tabs of one and the same. */
import { chromium, type Browser, type BrowserServer, type Page } from 'playwright';
import { INSTALL_HINT, systemBrowser } from '../backends/webgpu/chromium';

/** A software adapter as everywhere in the tests, and no tab is slowed down because another one is in front. */
const FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

export class BenchBrowser {
  readonly #server: BrowserServer;
  readonly #browser: Browser;

  private constructor(server: BrowserServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async launch(): Promise<BenchBrowser> {
    const executablePath = systemBrowser();
    if (executablePath === undefined) throw new Error(`there is no browser: ${INSTALL_HINT}`);
    // A server, because it tells the process, whose descendants' CPU time is counted.
    const server = await chromium.launchServer({ executablePath, args: FLAGS });
    return new BenchBrowser(server, await chromium.connect(server.wsEndpoint()));
  }

  get processId(): number {
    const { pid } = this.#server.process();
    if (pid === undefined) throw new Error('the browser has no process');
    return pid;
  }

  get version(): string {
    return this.#browser.version();
  }

  newPage(): Promise<Page> {
    return this.#browser.newPage();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}
