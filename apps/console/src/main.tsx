import { render } from 'preact';
import { Api } from './api/api.js';
import { App } from './app.js';
import { ApiContext } from './data/use-api.js';
import { applyTheme, storedTheme } from './theme.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/charts.css';

applyTheme(storedTheme(localStorage), localStorage);
const host = document.getElementById('app');
if (host !== null) {
  render(
    <ApiContext.Provider value={new Api(sessionStorage)}>
      <App />
    </ApiContext.Provider>,
    host,
  );
}
