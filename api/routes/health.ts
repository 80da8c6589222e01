import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Database, feedEnd } from '../../ledger/index.ts';
import { atMostEvery } from '../at-most-every.ts';

const LOOK_EVERY_MS = 1_000;
const OPEN = { config: { scope: 'open' } } as const;
const health = z.strictObject({ status: z.literal('ok') });

/** Whether the process lives (`/healthz`), and whether it can work (`/readyz`: the ledger answers). */
export function addHealthRoutes(app: FastifyInstance, db: Database): void {
  // The route is open to all.
  const ledgerAnswers = atMostEvery(LOOK_EVERY_MS, () => feedEnd(db));
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
