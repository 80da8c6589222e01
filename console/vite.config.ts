import { defineConfig } from 'vite';

export default defineConfig({
  // The strict policy allows no script and no style in a page, and no address of data.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  oxc: { jsx: { runtime: 'automatic' } },
});
