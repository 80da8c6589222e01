import type { Logger } from 'pino';
import type { Database } from '../ledger/index.ts';
import { pause } from '../operating/index.ts';
import { type WebhookSettings, deliverWebhooks } from '../services/index.ts';

const LOOK_EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 10_000;

/** Tells webhooks what happens until `signal`; without a key for them it only waits for it. */
export async function tellWebhooks(
  db: Database,
  settings: WebhookSettings | null,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = LOOK_EVERY_MS;
    try {
      if (settings !== null) await deliverWebhooks(db, settings, Date.now);
    } catch (error) {
      log.warn({ err: error }, 'webhooks can not be told: it is tried again');
      waitMs = AFTER_FAILURE_MS;
    }
    await pause(waitMs, signal);
  }
}
