import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Static files only; the watcher serves them. `npm run dev` in this folder proxies the API of a running watcher. */
export default defineConfig({
  plugins: [preact()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Browsers that know light-dark(): each colour stands once, with its value for light and for dark.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    proxy: Object.fromEntries(['/v1', '/readyz', '/docs', '/metrics'].map((path) => [path, 'http://127.0.0.1:3000'])),
  },
});
