import '@mantine/core/styles.css';
import './theme/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { readEnvironment } from './environment.ts';

const environment = readEnvironment(document);
// Asked for by get-nonce, with which Mantine's modals make the style element that holds the page still.
Object.assign(globalThis, { __webpack_nonce__: environment.nonce });

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App environment={environment} />
    </StrictMode>,
  );
}
