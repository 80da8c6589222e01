import {
  type Database,
  type WebhookAttempt,
  type WebhookDelivery,
  type WebhookEndpoint,
  dueDeliveries,
  holdWebhook,
  noteAttempt,
  readWebhookEndpoints,
  releaseWebhook,
  setWebhookDisabled,
  takeWebhookEvents,
} from '../../ledger/index.ts';
import { isoInstant } from '../as-data/values.ts';
import { type PostOutcome, postGuarded } from './post-guarded.ts';
import { webhookSignature } from './sign.ts';

/** What deliveries are signed with, and where they may go. */
export interface WebhookSettings {
  /** What all secrets follow from: 32 bytes or more, kept outside the ledger. */
  readonly master: Buffer;
  /** Whether targets may be in private networks, and without TLS. */
  readonly allowsPrivate: boolean;
  readonly version: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long after each attempt that failed the next one is: over three days in all. */
const WAITS_MS = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
const JITTER = 0.2;
const HELD_MS = 5 * MINUTE_MS;
const EVENTS_A_TURN = 1_000;
const DELIVERIES_A_TURN = 16;
const GONE = 410;

/**
 * Takes what happened since into deliveries, and tries those that are due: each endpoint once. Nothing is lost when
 * the process ends at any point: what was told and not noted is told again, under the same id. Returns how many were
 * tried.
 */
export async function deliverWebhooks(db: Database, settings: WebhookSettings, now: () => number): Promise<number> {
  let tried = 0;
  for (const endpoint of await readWebhookEndpoints(db)) {
    if (endpoint.disabledAt !== null || !(await holdWebhook(db, endpoint.id, HELD_MS))) continue;
    try {
      await takeWebhookEvents(db, endpoint.id, EVENTS_A_TURN);
      const due = await dueDeliveries(db, endpoint.id, now(), DELIVERIES_A_TURN);
      const told = await Promise.all(due.map((delivery) => tell(endpoint, delivery, settings, now())));
      for (const [index, attempt] of told.entries()) await noteAttempt(db, endpoint.id, due[index]!, attempt);
      if (told.some(({ status }) => status === GONE)) {
        await setWebhookDisabled(db, endpoint.id, 'It answered 410: it wants nothing more');
      }
      tried += told.length;
    } finally {
      await releaseWebhook(db, endpoint.id);
    }
  }
  return tried;
}

/** The id of an event, the same at every attempt. */
export function webhookId({ bucket, event }: Pick<WebhookDelivery, 'bucket' | 'event'>): string {
  return `${bucket}-${event}`;
}

/**
 * What is sent: that something happened, and where to ask what. No number, no name: whoever reads it on the way, or
 * in the log of a receiver, learns nothing of a customer.
 */
function bodyOf(delivery: WebhookDelivery): string {
  const id = webhookId(delivery);
  return JSON.stringify({
    type: delivery.type,
    timestamp: isoInstant(delivery.happenedAt),
    data: { event: id, href: `/v1/events/${id}` },
  });
}

async function tell(
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
  { master, allowsPrivate, version }: WebhookSettings,
  now: number,
): Promise<WebhookAttempt> {
  const message = { id: webhookId(delivery), seconds: Math.floor(now / 1000), body: bodyOf(delivery) };
  const headers = {
    'content-type': 'application/json',
    'user-agent': `fairtally/${version}`,
    'webhook-id': message.id,
    'webhook-timestamp': String(message.seconds),
    'webhook-signature': webhookSignature(master, endpoint, message, now),
  };
  return attemptOf(await postGuarded(endpoint.url, headers, message.body, allowsPrivate), delivery.attempts, now);
}

function attemptOf(outcome: PostOutcome, before: number, now: number): WebhookAttempt {
  const status = outcome.kind === 'answered' ? outcome.status : null;
  const fault = outcome.kind === 'failed' ? outcome.fault : null;
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered', status, fault, nextAt: null };
  const waitMs = WAITS_MS[before];
  if (status === GONE || waitMs === undefined) return { state: 'given-up', status, fault, nextAt: null };
  const jittered = waitMs * (1 + JITTER * Math.random());
  return { state: 'failed', status, fault, nextAt: now + Math.round(jittered) };
}
