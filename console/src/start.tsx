import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { followPreferences } from './shell/preferences.ts';

followPreferences();
const root = document.querySelector('#root');
if (root === null) throw new Error('Cannot show the console: the page has no root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
