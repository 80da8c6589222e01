import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { documentOf } from '../openapi.ts';

const HIDDEN = { config: { scope: 'open' }, schema: { hide: true } } as const;
const FILES = [
  { url: '/reference', file: 'reference.html', type: 'text/html; charset=utf-8' },
  { url: '/reference.js', file: 'reference.js', type: 'text/javascript; charset=utf-8' },
  { url: '/reference.css', file: 'reference.css', type: 'text/css; charset=utf-8' },
] as const;

/** The OpenAPI document, and a page that shows it to people and asks nothing of any other host. */
export function addReferenceRoutes(app: FastifyInstance): void {
  let document: string | null = null;
  app.get('/openapi.json', HIDDEN, (_, reply) => {
    document ??= JSON.stringify(documentOf(app));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  for (const { url, file, type } of FILES) {
    const content = readFileSync(new URL(`../reference/${file}`, import.meta.url));
    app.get(url, HIDDEN, (_, reply) => reply.type(type).send(content));
  }
}
