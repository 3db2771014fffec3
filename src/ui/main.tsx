import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { createApp } from './create-app';
import './i18n';
import { AppProvider } from './store/react';
import './styles/tokens.css';
import './styles/base.css';
import './styles/buttons.css';
import './styles/fields.css';
import './styles/dialogs.css';
import './styles/layout.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

// Outside of React: there is one engine, however often components mount.
const app = createApp();

createRoot(root).render(
  <StrictMode>
    <AppProvider app={app}>
      <App />
    </AppProvider>
  </StrictMode>,
);
