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
import { askAhead } from './api/ahead.ts';

// The server answers while the browser reads the rest.
void askAhead();
void import('./start.tsx');
