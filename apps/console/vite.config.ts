import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Static files only; the watcher serves them. `npm run dev` in this folder proxies the API of a running watcher. */
export default defineConfig({
  plugins: [preact()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:3000' } },
});
