/** Everything that draws. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { EngineClient } from '../engine/client';
import { App } from './App';
import { createApp } from './create-app';
import { PageBoundary } from './failure/Boundary';
import './i18n';
import { AppProvider } from './store/react';
import './styles/tokens.css';
import './styles/base.css';
import './styles/buttons.css';
import './styles/fields.css';
import './styles/dialogs.css';
import './styles/layout.css';
import './styles/forced-colors.css';

/** Draws the page into `root`. */
export function draw(root: HTMLElement, engine: () => EngineClient): void {
  // Outside of React: there is one engine, however often components mount.
  const app = createApp(engine);
  createRoot(root).render(
    <StrictMode>
      <AppProvider app={app}>
        <PageBoundary>
          <App />
        </PageBoundary>
      </AppProvider>
    </StrictMode>,
  );
}
