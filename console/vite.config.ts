import { type Plugin, defineConfig } from 'vite';

/** The script that `src/main.ts` goes on with is fetched beside it, and not after it. */
const fetchedAtOnce: Plugin = {
  name: 'fetched-at-once',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) => {
      const start = Object.values(bundle).find((each) => each.type === 'chunk' && each.name === 'start');
      if (start === undefined) throw new Error('Cannot build the console: it has no chunk named start');
      const attrs = { rel: 'modulepreload', crossorigin: true, href: `/${start.fileName}` };
      return [{ tag: 'link', attrs, injectTo: 'head' }];
    },
  },
};

export default defineConfig({
  // The strict policy allows no script and no style in a page, and no address of data.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  oxc: { jsx: { runtime: 'automatic' } },
  plugins: [fetchedAtOnce],
});
