import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// What the development server answers itself; everything else is the API of the server behind it.
const API = '^/(?!$|console(?!/session)|guides/|src/|node_modules/|@|index\\.html|favicon)';
const DEV_TARGET = process.env.CONSOLE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // The server may stand below a path: it writes the real prefix into index.html, chunks find each other relatively.
  base: './',
  publicDir: false,
  plugins: [react()],
  server: { proxy: { [API]: { target: DEV_TARGET } } },
  build: {
    // What React 19 and the styles of Mantine 9 ask for.
    target: 'es2023',
    // Those know light-dark(), which follows the theme only where it is left as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    sourcemap: false,
    // The policy of the page allows data: for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Charts are no group: what they share with the rest would be loaded with them by every page.
            {
              name: 'react',
              test: /node_modules[\\/](react|react-dom|scheduler|react-router|@tanstack)[\\/]/,
              priority: 2,
            },
            // Otherwise each icon and each component is a file, thirty of them to a page.
            {
              name: 'parts',
              test: /node_modules[\\/](@mantine[\\/](core|hooks)|@floating-ui|@tabler)[\\/]|console[\\/]src[\\/](components|api|schema-form)[\\/]/,
              priority: 1,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
});
