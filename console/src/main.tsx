import './styles/font.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/login.css';
import './styles/queue.css';
import './styles/case.css';
import './styles/decide.css';
import './styles/charts.css';
import './styles/pages.css';
import './styles/print.css';
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
