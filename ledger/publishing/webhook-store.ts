import type { Database, Queryable } from '../database/database.ts';
import type { EventType } from './outbox-store.ts';

export type WebhookScheme = 'hmac' | 'ed25519';
export type DeliveryState = 'waiting' | 'delivered' | 'failed' | 'given-up';

/** Who is told of events by HTTP. Instants in ms since the epoch. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly EventType[];
  /** The id of the one account that it is told of; `null`: all. */
  readonly account: string | null;
  readonly scheme: WebhookScheme;
  readonly generation: number;
  readonly rotatedAt: number | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly disabledWhy: string | null;
}

export interface NewWebhookEndpoint extends Pick<WebhookEndpoint, 'id' | 'url' | 'events' | 'scheme' | 'createdBy'> {
  readonly accountNo: number | null;
}

/** An event for an endpoint, and what became of it last. */
export interface WebhookDelivery {
  readonly bucket: number;
  readonly event: number;
  readonly type: EventType;
  readonly period: number | null;
  readonly happenedAt: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly status: number | null;
  readonly fault: string | null;
  readonly triedAt: number | null;
  readonly nextAt: number | null;
}

/** What an attempt came to. */
export interface WebhookAttempt {
  readonly state: Exclude<DeliveryState, 'waiting'>;
  readonly status: number | null;
  readonly fault: string | null;
  /** When it is tried again, ms since the epoch. */
  readonly nextAt: number | null;
}

const COLUMNS = `w.id, w.url, to_json(w.events)::text as events, a.id as account, w.scheme, w.generation,
  w.rotated_at as "rotatedAt", w.created_by as "createdBy", w.created_at as "createdAt",
  w.disabled_at as "disabledAt", w.disabled_why as "disabledWhy"`;
const FROM = 'from webhook_endpoint w left join account a on a.no = w.account';
const DELIVERY = `d.bucket, d.event, o.type, o.period, o.happened_at as "happenedAt", d.state, d.attempts, d.status,
  d.fault, d.tried_at as "triedAt", d.next_at as "nextAt"`;

/** Adds an endpoint; it is told of what happens from now on. */
export async function addWebhookEndpoint(q: Queryable, endpoint: NewWebhookEndpoint): Promise<void> {
  await q.query(
    `insert into webhook_endpoint (id, url, events, account, scheme, created_by, positions)
     select $1, $2, $3::text[], $4::int, $5, $6,
       array_agg(coalesce((select max(no) from outbox o where o.bucket = h.bucket), 0) order by h.bucket)
     from head h`,
    [endpoint.id, endpoint.url, [...endpoint.events], endpoint.accountNo, endpoint.scheme, endpoint.createdBy],
  );
}

type EndpointRow = Omit<WebhookEndpoint, 'events'> & { readonly events: string };

function endpointOf({ events, ...row }: EndpointRow): WebhookEndpoint {
  return { ...row, events: JSON.parse(events) as EventType[] };
}

/** All endpoints, oldest first. */
export async function readWebhookEndpoints(q: Queryable): Promise<WebhookEndpoint[]> {
  const rows = await q.query<EndpointRow>(`select ${COLUMNS} ${FROM} order by w.created_at, w.id`);
  return rows.map(endpointOf);
}

export async function findWebhookEndpoint(q: Queryable, id: string): Promise<WebhookEndpoint | null> {
  const [row] = await q.query<EndpointRow>(`select ${COLUMNS} ${FROM} where w.id = $1`, [id]);
  return row === undefined ? null : endpointOf(row);
}

/** Disables an endpoint for a reason, or enables it again (`null`). */
export async function setWebhookDisabled(q: Queryable, id: string, why: string | null): Promise<void> {
  await q.query(
    `update webhook_endpoint set disabled_why = $2::text,
       disabled_at = case when $2::text is null then null else clock_timestamp() end where id = $1`,
    [id, why],
  );
}

/** Gives an endpoint its next secret. */
export async function rotateWebhook(q: Queryable, id: string): Promise<void> {
  await q.query(
    'update webhook_endpoint set generation = generation + 1, rotated_at = clock_timestamp() where id = $1',
    [id],
  );
}

/**
 * Holds an endpoint that is to be told for `ms`, for one process; whether nobody else held it. It is not locked
 * meanwhile: what is told takes long.
 */
export async function holdWebhook(q: Queryable, id: string, ms: number): Promise<boolean> {
  const rows = await q.query(
    `update webhook_endpoint set held_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
     where id = $1 and held_until < clock_timestamp() and disabled_at is null returning id`,
    [id, ms],
  );
  return rows.length > 0;
}

export async function releaseWebhook(q: Queryable, id: string): Promise<void> {
  await q.query(`update webhook_endpoint set held_until = '-infinity' where id = $1`, [id]);
}

/** Makes deliveries of the events that came since, at most `limit` events looked at; how many were looked at. */
export function takeWebhookEvents(db: Database, id: string, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    const taken = await tx.query<{ bucket: number; last: bigint; looked: bigint }>(
      `with fresh as (
         select o.bucket, o.no, o.type, l.account from webhook_endpoint w
         cross join lateral unnest(w.positions) with ordinality as p (position, nth)
         join outbox o on o.bucket = p.nth - 1 and o.no > p.position
         join line l on l.no = o.line
         where w.id = $1 order by o.no limit $2
       ), made as (
         insert into webhook_delivery (endpoint, bucket, event)
         select w.id, f.bucket, f.no from fresh f join webhook_endpoint w on w.id = $1
         where f.type = any (w.events) and (w.account is null or w.account = f.account)
         on conflict do nothing
       )
       select bucket, max(no) as last, count(*) as looked from fresh group by bucket`,
      [id, limit],
    );
    if (taken.length === 0) return 0;
    await tx.query(
      `update webhook_endpoint w set positions = (
         select array_agg(coalesce(t.last, p.position) order by p.nth)
         from unnest(w.positions) with ordinality as p (position, nth)
         left join unnest($2::int[], $3::bigint[]) as t (bucket, last) on t.bucket = p.nth - 1)
       where w.id = $1`,
      [id, taken.map(({ bucket }) => bucket), taken.map(({ last }) => last)],
    );
    return taken.reduce((sum, { looked }) => sum + Number(looked), 0);
  });
}

/** Deliveries that are due by `now`, longest first. */
export function dueDeliveries(q: Queryable, id: string, now: number, limit: number): Promise<WebhookDelivery[]> {
  return deliveries(
    q,
    `d.endpoint = $1 and d.next_at <= to_timestamp($2::float8 / 1000) order by d.next_at, d.event limit $3`,
    [id, now, limit],
  );
}

/** Deliveries to an endpoint, newest event first; `before`: the event that the page before ended with. */
export function listDeliveries(
  q: Queryable,
  id: string,
  {
    state,
    before,
    limit,
  }: { readonly state: DeliveryState | null; readonly before: number | null; readonly limit: number },
): Promise<WebhookDelivery[]> {
  return deliveries(
    q,
    `d.endpoint = $1 and ($2::text is null or d.state = $2) and ($3::bigint is null or d.event < $3)
     order by d.event desc limit $4`,
    [id, state, before, limit],
  );
}

async function deliveries(
  q: Queryable,
  where: string,
  values: readonly (string | number | null)[],
): Promise<WebhookDelivery[]> {
  const rows = await q.query<Omit<WebhookDelivery, 'event'> & { event: bigint }>(
    `select ${DELIVERY} from webhook_delivery d join outbox o on o.bucket = d.bucket and o.no = d.event where ${where}`,
    [...values],
  );
  return rows.map(({ event, ...row }) => ({ ...row, event: Number(event) }));
}

/** Notes what an attempt came to. */
export async function noteAttempt(
  q: Queryable,
  id: string,
  { bucket, event }: Pick<WebhookDelivery, 'bucket' | 'event'>,
  { state, status, fault, nextAt }: WebhookAttempt,
): Promise<void> {
  await q.query(
    `update webhook_delivery set state = $4, status = $5, fault = $6, attempts = attempts + 1,
       tried_at = clock_timestamp(), next_at = to_timestamp($7::float8 / 1000)
     where endpoint = $1 and bucket = $2 and event = $3`,
    [id, bucket, event, state, status, fault, nextAt],
  );
}

/** Has all events of a span delivered anew, those that an endpoint was never told of too; how many they are. */
export async function replayDeliveries(q: Queryable, id: string, from: number, to: number): Promise<number> {
  const rows = await q.query(
    `insert into webhook_delivery (endpoint, bucket, event)
     select w.id, o.bucket, o.no from webhook_endpoint w join outbox o on o.type = any (w.events)
     join line l on l.no = o.line
     where w.id = $1 and (w.account is null or w.account = l.account)
       and o.happened_at >= to_timestamp($2::float8 / 1000) and o.happened_at < to_timestamp($3::float8 / 1000)
       -- What is yet to be taken comes by itself.
       and o.no <= w.positions[o.bucket + 1]
     on conflict (endpoint, bucket, event) do update
       set state = 'waiting', attempts = 0, next_at = clock_timestamp()
     returning event`,
    [id, from, to],
  );
  return rows.length;
}

/** An event of the outbox, with whose it is. */
export interface OutboxEvent {
  readonly type: EventType;
  readonly account: string;
  readonly line: string;
  readonly period: number | null;
  readonly happenedAt: number;
}

export async function findEvent(q: Queryable, bucket: number, no: number): Promise<OutboxEvent | null> {
  const [row] = await q.query<OutboxEvent>(
    `select o.type, a.id as account, l.id as line, o.period, o.happened_at as "happenedAt"
     from outbox o join line l on l.no = o.line join account a on a.no = l.account where o.bucket = $1 and o.no = $2`,
    [bucket, no],
  );
  return row ?? null;
}
