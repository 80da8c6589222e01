import {
  type OutboxEvent,
  type Queryable,
  type WebhookEndpoint,
  type WebhookScheme,
  type EventType,
  accountOfId,
  addWebhookEndpoint,
  findEvent,
  findWebhookEndpoint,
  readWebhookEndpoints,
  replayDeliveries,
  rotateWebhook,
  setWebhookDisabled,
} from '../../ledger/index.ts';
import { randomText } from '../keys/random-text.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import type { WebhookSettings } from './deliver.ts';
import { targetFault } from './post-guarded.ts';
import { webhookSecret } from './sign.ts';

const ID_LENGTH = 12;
/** Endpoints of one account, or of all accounts together, that are told: each takes its turn. */
const MOST_TOLD = 20;

/** What webhooks may be told of. */
export const WEBHOOK_EVENTS = [
  'case.opened',
  'case.decided',
  'case.withdrawn',
  'line.unlimited-suspended',
  'line.unlimited-reinstated',
] as const satisfies readonly EventType[];

export interface WebhookRequest {
  readonly url: string;
  readonly events: readonly EventType[];
  readonly scheme: WebhookScheme;
  /** The one account that it is told of. */
  readonly account?: string | undefined;
  readonly by: string;
}

export interface MadeWebhook {
  readonly kind: 'webhook';
  readonly endpoint: WebhookEndpoint;
}

/** Adds an endpoint: it is told of what happens from now on. */
export async function createWebhook(
  db: Queryable,
  settings: WebhookSettings | null,
  { account: accountId, by, ...request }: WebhookRequest,
): Promise<MadeWebhook | Refused> {
  if (settings === null) return refused(refusal('webhooks-off', {}));
  const fault = targetFault(request.url, settings.allowsPrivate);
  if (fault !== null) return refused(refusal('webhook-target-refused', { fault }));
  const account = accountId === undefined ? undefined : await accountOfId(db, accountId);
  if (account === null) return refused(refusal('account-unknown', { account: accountId ?? '' }));
  const told = (await readWebhookEndpoints(db)).filter(
    (each) => each.disabledAt === null && each.account === (account?.id ?? null),
  );
  if (told.length >= MOST_TOLD) return refused(refusal('webhooks-too-many', { most: String(MOST_TOLD) }));
  const id = randomText(ID_LENGTH);
  // As it is understood, and not as it was written: ' HTTPS://x' is the same target.
  const url = new URL(request.url).href;
  await addWebhookEndpoint(db, { ...request, url, id, createdBy: by, accountNo: account?.no ?? null });
  return findWebhook(db, id);
}

/** Gives an endpoint its next secret; for a day deliveries are signed by those before too. */
export async function rotateWebhookSecret(
  db: Queryable,
  settings: WebhookSettings | null,
  id: string,
): Promise<MadeWebhook | Refused> {
  if (settings === null) return refused(refusal('webhooks-off', {}));
  if ((await findWebhookEndpoint(db, id)) === null) return unknown(id);
  await rotateWebhook(db, id);
  return findWebhook(db, id);
}

/** What deliveries to an endpoint are checked with: asked for apart, so that no kept answer holds it. */
export function showWebhookSecret(
  settings: WebhookSettings | null,
  endpoint: WebhookEndpoint,
): { readonly kind: 'secret'; readonly secret: string } | Refused {
  if (settings === null) return refused(refusal('webhooks-off', {}));
  return { kind: 'secret', secret: webhookSecret(settings.master, endpoint) };
}

/** Has an endpoint told of nothing more, or again of all: what happened meanwhile is told then. */
export async function switchWebhook(
  db: Queryable,
  id: string,
  { disabled, by }: { readonly disabled: boolean; readonly by: string },
): Promise<MadeWebhook | Refused> {
  if ((await findWebhookEndpoint(db, id)) === null) return unknown(id);
  await setWebhookDisabled(db, id, disabled ? `By ${by}` : null);
  return findWebhook(db, id);
}

/** Has the events of a span of time told anew; instants in ms since the epoch. Returns how many they are. */
export async function replayWebhook(
  db: Queryable,
  id: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly kind: 'replayed'; readonly deliveries: number } | Refused> {
  if ((await findWebhookEndpoint(db, id)) === null) return unknown(id);
  return { kind: 'replayed', deliveries: await replayDeliveries(db, id, from, to) };
}

/** What a delivery told of, by its id `‹bucket›-‹number›`. */
export async function findWebhookEvent(
  db: Queryable,
  id: string,
): Promise<{ readonly kind: 'event'; readonly event: OutboxEvent } | Refused> {
  const [, bucket, no] = /^(\d{1,2})-(\d{1,18})$/.exec(id) ?? [];
  const event = bucket === undefined || no === undefined ? null : await findEvent(db, Number(bucket), Number(no));
  return event === null ? refused(refusal('event-unknown', { event: id })) : { kind: 'event', event };
}

/** The endpoint, or that there is none. */
export async function findWebhook(db: Queryable, id: string): Promise<MadeWebhook | Refused> {
  const endpoint = await findWebhookEndpoint(db, id);
  return endpoint === null ? unknown(id) : { kind: 'webhook', endpoint };
}

function unknown(id: string): Refused {
  return refused(refusal('webhook-unknown', { webhook: id }));
}
