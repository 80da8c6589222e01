import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { wants } from './accept.ts';
import { headersFor } from './security-headers.ts';

/** What the console's pages may do: load what this server has, and ask it. */
const POLICY = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  },
};

/** The first part of each address that is a page: one file answers them all, and shows what the address says. */
const PAGES = ['cases', 'lines', 'calls', 'quarantine', 'decks', 'report', 'team', 'health', 'login'];
const OPEN = { config: { scope: 'open', contentPolicy: POLICY }, schema: { hide: true } } as const;

/** The analysts' console at `/`. @param folder what `console/` was built to; `null`: it could not be built */
export async function addConsolePages(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null) {
    app.get('/', OPEN, (_, reply) => reply.type('text/html; charset=utf-8').send(NOT_BUILT));
    return;
  }
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true });
  app.get('/', OPEN, page);
  for (const name of PAGES) {
    app.get(`/${name}`, OPEN, page);
    app.get(`/${name}/*`, OPEN, page);
  }
  // Their names hold a hash of what is in them.
  app.get('/assets/*', OPEN, (request, reply) => {
    const { '*': name } = request.params as { readonly '*': string };
    return reply.sendFile(`assets/${name}`, { maxAge: '365d', immutable: true });
  });
}

function page(_: unknown, reply: FastifyReply): FastifyReply {
  // Its name never changes, so that it is asked for each time.
  return reply.sendFile('index.html', { cacheControl: false }).header('cache-control', 'no-cache');
}

/** What the API owns: whoever asks there is answered by the API, a browser too. */
const OF_THE_API = /^\/(?:v1|assets|metrics|healthz|readyz)(?:[/?]|$)/;

/** Whether a request that no route answers is of a person who typed an address into a browser. */
export function isOfPerson({ method, url, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !OF_THE_API.test(url) && wants(headers.accept, 'text/html');
}

/** The console, which says to a person that there is nothing at the address. It must have been added. */
export function sendNothingHerePage(reply: FastifyReply): FastifyReply {
  // Nobody asks whether it has changed: an answer that it has not would be empty.
  return reply
    .code(404)
    .headers({ ...headersFor(POLICY), 'cache-control': 'no-store', vary: 'accept' })
    .sendFile('index.html', { cacheControl: false, etag: false, lastModified: false });
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Fairtally</title>
<h1>The console is not built</h1>
<p>The API answers here all the same. To build the console, run this where Fairtally is installed, then start
<code>fairtally serve</code> again:</p>
<pre>npm ci</pre>
</html>
`;
