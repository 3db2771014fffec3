/**
 * The page begins here. The engine's worker starts before anything that draws is loaded: until the page stands, the
 * worker has a device and knows how it computes.
 */
import { connectEngine, type EngineClient } from '../engine/client';
import { startingLanguage } from './language';
import { splitLanguage } from './pages/hash-language';
import { pageOf } from './pages/route';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

let started: EngineClient | null = null;
// No worker before the playground is visited.
const engine = (): EngineClient => (started ??= connectEngine());
const { rest, language } = splitLanguage(location.hash.slice(1));
if (pageOf(rest) === 'playground') engine();

try {
  const [{ draw }] = await Promise.all([import('./draw'), begin(startingLanguage(language))]);
  draw(root, engine);
} catch (error) {
  // Nothing that could draw is there: the text in index.html has to do.
  root.dataset.failed = '';
  throw error;
}

/** Fetches the language beside what draws, so that no English is seen before it; where it cannot be had, English will do. */
async function begin(wanted: ReturnType<typeof startingLanguage>): Promise<void> {
  const { speak } = await import('../i18n');
  await speak(wanted).catch(() => undefined);
}
