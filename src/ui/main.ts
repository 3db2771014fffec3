/**
 * The page begins here. The engine's worker starts before anything that draws is loaded: until the page stands, the
 * worker has a device and knows how it computes.
 */
import { connectEngine, type EngineClient } from '../engine/client';
import { pageOf } from './pages/route';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

let started: EngineClient | null = null;
// No worker before the playground is visited.
const engine = (): EngineClient => (started ??= connectEngine());
if (pageOf(location.hash.slice(1)) === 'playground') engine();

try {
  const { draw } = await import('./draw');
  draw(root, engine);
} catch (error) {
  // Nothing that could draw is there: the text in index.html has to do.
  root.dataset.failed = '';
  throw error;
}
