/**
 * Peers: pages that train the same networks with other libraries, kept in a folder with packages of its own, so that
 * none of them becomes a dependency of this project. A page `pages/peer.html?peer=NAME&w=WORKLOAD` there offers
 * `setup(milliseconds, stepsBetweenLosses)` and `measure(seconds)`; `node bench.mjs --list` tells what there is.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import type { Page } from 'playwright';
import { parsePeerList } from '../bench/peers';
import type { Contestant, Subject, Timing } from '../bench/rounds';
import type { BenchBrowser } from './bench-browser';
import { shown } from '../numerics/shown';
import { UsageError } from './errors';

interface PeerSetup {
  /** Milliseconds for loading and building, and for the first step. */
  readonly built: number;
  readonly firstStep: number;
  readonly counts: { readonly dispatchWorkgroups: number } | null;
}

interface PeerTiming {
  readonly steps: number;
  readonly ms: number;
}

declare global {
  var setup: (milliseconds: number, stepsBetweenLosses: number) => Promise<PeerSetup>;
  var measure: (seconds: number) => Promise<PeerTiming>;
}

const SETUP_MS = 4000;
const STEPS_BETWEEN_LOSSES = 100;

const MEDIA_TYPES = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.mjs', 'text/javascript'],
  ['.wasm', 'application/wasm'],
  ['.json', 'application/json'],
]);

/** Isolated from other origins, as TensorFlow.js wants it for its threads. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};

function serve(folder: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = resolve(folder, `.${decodeURIComponent(pathname)}`);
    if (!file.startsWith(folder + sep) || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
      response.writeHead(404).end();
      return;
    }
    const type = MEDIA_TYPES.get(extname(file)) ?? 'application/octet-stream';
    response.writeHead(200, { ...HEADERS, 'content-type': type });
    createReadStream(file).pipe(response);
  });
}

type PeerWorkloads = ReadonlyMap<string, readonly string[]>;

function peersIn(folder: string): PeerWorkloads {
  for (const file of ['bench.mjs', join('pages', 'peer.html')]) {
    if (!existsSync(join(folder, file))) {
      throw new UsageError(`--peers: ${folder} is no folder of peers: it has no ${file}`);
    }
  }
  if (!existsSync(join(folder, 'node_modules'))) {
    throw new UsageError(`--peers: the packages of ${folder} are not installed; run \`npm ci\` in it`);
  }
  return parsePeerList(
    execFileSync(process.execPath, ['bench.mjs', '--list'], { cwd: folder, encoding: 'utf8' }),
  );
}

/** @throws {UsageError} in words when the folder is no folder of peers, or has none of such a name */
export function choosePeers({ folder, names }: { folder: string; names: readonly string[] }): PeerWorkloads {
  const available = peersIn(folder);
  return new Map(
    names.map((name) => {
      const workloads = available.get(name);
      if (workloads !== undefined) return [name, workloads];
      throw new UsageError(
        `--only: there is no peer ${shown(name)}; there are ${[...available.keys()].join(', ')}`,
      );
    }),
  );
}

export class BenchPeers {
  readonly #server: Server;
  readonly #peers: PeerWorkloads;
  readonly #browser: BenchBrowser;
  readonly #pages: Page[] = [];

  private constructor(server: Server, peers: PeerWorkloads, browser: BenchBrowser) {
    this.#server = server;
    this.#peers = peers;
    this.#browser = browser;
  }

  static async serve(folder: string, peers: PeerWorkloads, browser: BenchBrowser): Promise<BenchPeers> {
    const server = serve(resolve(folder));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new BenchPeers(server, peers, browser);
  }

  /** The names of those that have a workload. */
  able(workload: string): readonly string[] {
    return [...this.#peers].filter(([, workloads]) => workloads.includes(workload)).map(([name]) => name);
  }

  /** @throws {Error} when the peer cannot be set up here */
  async prepare(subject: Subject, workload: string, seconds: number): Promise<Contestant> {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the peers are not being served');
    const page = await this.#browser.newPage();
    this.#pages.push(page);
    await page.goto(`http://127.0.0.1:${address.port}/pages/peer.html?peer=${subject.who}&w=${workload}`);
    await page.waitForFunction(() => 'loaded' in globalThis);
    const { built, firstStep, counts } = await page.evaluate(([ms, steps]) => setup(ms, steps), [
      SETUP_MS,
      STEPS_BETWEEN_LOSSES,
    ] as const);
    return {
      subject,
      setup: {
        adapter: 'peer',
        // Whoever dispatches nothing does not use WebGPU.
        dispatchesPerStep:
          counts === null || counts.dispatchWorkgroups === 0 ? null : counts.dispatchWorkgroups,
        secondsToFirstStep: (built + firstStep) / 1000,
      },
      measure: async (): Promise<Timing> => {
        const { steps, ms } = await page.evaluate((wanted) => measure(wanted), seconds);
        return { steps, seconds: ms / 1000 };
      },
    };
  }

  /** Closes the pages of all that were prepared. */
  async clear(): Promise<void> {
    await Promise.all(this.#pages.splice(0).map((page) => page.close()));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
