import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Database, feedEnd } from '../../ledger/index.ts';

const LOOK_EVERY_MS = 1_000;
const OPEN = { config: { scope: 'open' } } as const;
const health = z.strictObject({ status: z.literal('ok') });

/** Whether the process lives (`/healthz`), and whether it can work (`/readyz`: the ledger answers). */
export function addHealthRoutes(app: FastifyInstance, db: Database): void {
  const ledgerAnswers = atMostEachSecond(() => feedEnd(db));
  app.get(
    '/healthz',
    { ...OPEN, schema: { summary: 'Whether the process lives', security: [], response: { 200: health } } },
    () => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    { ...OPEN, schema: { summary: 'Whether the ledger answers', security: [], response: { 200: health } } },
    async () => {
      await ledgerAnswers();
      return { status: 'ok' };
    },
  );
}

/** Asks the ledger at most once a second, however many ask: the route is open to all. */
function atMostEachSecond(ask: () => Promise<unknown>): () => Promise<unknown> {
  let last: Promise<unknown> | null = null;
  let until = 0;
  return () => {
    if (last !== null && performance.now() < until) return last;
    until = Infinity;
    last = ask().finally(() => (until = performance.now() + LOOK_EVERY_MS));
    return last;
  };
}
