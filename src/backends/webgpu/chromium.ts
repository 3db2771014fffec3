/**
 * Finds the Chromium or Chrome of this machine. The end-to-end tests drive it, and Node borrows the software Vulkan
 * driver (SwiftShader) that lies beside it, so that a machine without a GPU needs nothing else installed.
 * Nothing is ever downloaded from here.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** What to tell somebody who has no browser that can be used. */
export const INSTALL_HINT =
  'install one with `npx playwright install --with-deps --no-shell chromium` or `apt-get install chromium`, ' +
  'or name one in the environment variable AMP_CHROME';

/** Folders where the packages of Linux distributions put the browser itself; its command is often a script. */
const LINUX_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib64/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
  '/opt/google/chrome-beta',
];

const LINUX_COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const MAC_BROWSERS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const WINDOWS_BROWSERS = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) => {
  const folder = process.env[variable];
  return folder === undefined ? [] : [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')];
});

/** The browser named in AMP_CHROME, which has to exist: whoever sets it means that one and no other. */
function chosenBrowser(): string | undefined {
  const path = process.env.AMP_CHROME;
  if (path === undefined || path === '') return undefined;
  if (!existsSync(path)) throw new Error(`AMP_CHROME names ${path}, which does not exist`);
  return path;
}

/** The executable named in AMP_CHROME or else the one this system has installed, if any. */
export function systemBrowser(): string | undefined {
  const chosen = chosenBrowser();
  if (chosen !== undefined) return chosen;
  if (process.platform === 'darwin') return MAC_BROWSERS.find((path) => existsSync(path));
  if (process.platform === 'win32') return WINDOWS_BROWSERS.find((path) => existsSync(path));
  const folders = (process.env.PATH ?? '').split(delimiter);
  return LINUX_COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command))).find((path) =>
    existsSync(path),
  );
}

/** Where `playwright install` has put Linux builds, newest first. */
function playwrightFolders(): string[] {
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => name.startsWith('chromium-'))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .flatMap((build) => readdirSync(join(root, build)).map((platform) => join(root, build, platform)));
}

export interface SoftwareVulkan {
  /** The driver's manifest, for the Vulkan loader's VK_ICD_FILENAMES. */
  readonly manifest: string;
  /** The Vulkan loader that the browser brings along, for systems that have none. */
  readonly loader: string;
}

/** The software Vulkan driver that comes with a browser. Linux only: elsewhere WebGPU does not go through Vulkan. */
export function softwareVulkan(): SoftwareVulkan | undefined {
  const chosen = chosenBrowser();
  const folders = [
    ...(chosen === undefined ? [] : [dirname(realpathSync(chosen))]),
    ...LINUX_FOLDERS,
    ...playwrightFolders(),
  ];
  const folder = folders.find((candidate) => existsSync(join(candidate, 'vk_swiftshader_icd.json')));
  if (folder === undefined) return undefined;
  return { manifest: join(folder, 'vk_swiftshader_icd.json'), loader: join(folder, 'libvulkan.so.1') };
}
