import { hash } from 'node:crypto';
import type { RegistrationEvent } from '../rater/index.ts';
import type { Queryable, Transaction } from './database.ts';
import { sqlInstant } from './sql-values.ts';

/** What was said of one party in six hours. */
export interface ChunkOfParty {
  readonly bucket: number;
  readonly party: string;
  /** Six hours since the epoch. */
  readonly chunk: number;
}

/** Events of one party, contact, user agent and address in one chunk. */
export interface EventsOfChunk extends ChunkOfParty {
  readonly events: readonly RegistrationEvent[];
}

const CHUNK_MS = 21_600_000;
const EVENT_BYTES = 8;

/** The chunk that an instant (ms since the epoch) is in. */
export function chunkOf(instant: number): number {
  return Math.floor(instant / CHUNK_MS);
}

/** Whether a registration of any line was ever taken in. */
export async function hasRegistrations(q: Queryable): Promise<boolean> {
  const [row] = await q.query<{ any: boolean }>('select exists (select from registration) as any');
  return row?.any === true;
}

interface RegistrationRow {
  readonly party: string;
  readonly chunk: number;
  readonly contact: string;
  readonly user_agent: string;
  readonly address: string;
  readonly events: Uint8Array;
}

/** A party, and from which chunk to which it is asked about. */
export interface ChunksOfParty {
  readonly bucket: number;
  readonly party: string;
  readonly from: number;
  readonly to: number;
}

/** What was said of parties, by party. */
export async function registrationsOf(
  q: Queryable,
  asked: readonly ChunksOfParty[],
): Promise<Map<string, RegistrationEvent[]>> {
  const events = new Map<string, RegistrationEvent[]>();
  if (asked.length === 0) return events;
  const rows = await q.query<RegistrationRow>(
    `select r.party, r.chunk, r.contact, r.user_agent, r.address, r.events
     from unnest($1::smallint[], $2::text[], $3::int[], $4::int[]) as g (bucket, party, first, last)
     cross join lateral (
       select * from registration r
       where r.bucket = g.bucket and r.party = g.party and r.chunk >= g.first and r.chunk <= g.last
     ) as r`,
    [
      asked.map(({ bucket }) => bucket),
      asked.map(({ party }) => party),
      asked.map(({ from }) => from),
      asked.map(({ to }) => to),
    ],
  );
  for (const row of rows) {
    const known = events.get(row.party);
    if (known === undefined) events.set(row.party, eventsOf(row));
    else known.push(...eventsOf(row));
  }
  return events;
}

/**
 * Adds events, and says which of them were not known yet. Nobody else may add events of the same parties meanwhile;
 * who does all the same says some of them twice, which changes nothing.
 */
export async function addRegistrationEvents(
  tx: Transaction,
  added: readonly EventsOfChunk[],
): Promise<ReadonlySet<RegistrationEvent>> {
  const known = await registrationsOf(
    tx,
    added.map(({ bucket, party, chunk }) => ({ bucket, party, from: chunk, to: chunk })),
  );
  const fresh = new Set<RegistrationEvent>();
  const rows = new Map<string, Omit<RegistrationRow, 'events'> & { bucket: number; binding: string; hex: string }>();
  for (const { bucket, party, chunk, events } of added) {
    const texts = new Set((known.get(party) ?? []).map(eventText));
    for (const event of events) {
      const text = eventText(event);
      if (texts.has(text)) continue;
      texts.add(text);
      fresh.add(event);
      const { contact, userAgent, address } = event;
      const binding = bindingOf(event);
      const key = `${party}\0${chunk}\0${binding}`;
      const row = rows.get(key);
      if (row !== undefined) row.hex += packed(event);
      else {
        const texted = { contact, user_agent: userAgent, address };
        rows.set(key, { bucket, party, chunk, binding, ...texted, hex: packed(event) });
      }
    }
  }
  await storeRows(tx, [...rows.values()]);
  return fresh;
}

async function storeRows(
  tx: Transaction,
  rows: readonly (Omit<RegistrationRow, 'events'> & { bucket: number; binding: string; hex: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  // In one order, since two workers may meet in these rows.
  const sorted = rows.toSorted((a, b) => a.bucket - b.bucket || compareTexts(a.party, b.party) || a.chunk - b.chunk);
  await tx.query(
    `insert into registration as known (bucket, party, chunk, binding, contact, user_agent, address, events)
     select g.bucket, g.party, g.chunk, g.binding::uuid, g.contact, g.user_agent, g.address, decode(g.hex, 'hex')
     from unnest($1::smallint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as g (bucket, party, chunk, binding, contact, user_agent, address, hex)
     on conflict (bucket, party, chunk, binding) do update set events = known.events || excluded.events`,
    [
      sorted.map(({ bucket }) => bucket),
      sorted.map(({ party }) => party),
      sorted.map(({ chunk }) => chunk),
      sorted.map(({ binding }) => binding),
      sorted.map(({ contact }) => contact),
      sorted.map(({ user_agent }) => user_agent),
      sorted.map(({ address }) => address),
      sorted.map(({ hex }) => hex),
    ],
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function eventText({ contact, userAgent, address, at, expires }: RegistrationEvent): string {
  return `${at} ${expires} ${contact}\0${userAgent}\0${address}`;
}

function bindingOf({ contact, userAgent, address }: RegistrationEvent): string {
  return hash('sha256', `${contact}\0${userAgent}\0${address}`, 'hex').slice(0, 32);
}

function packed({ at, expires }: RegistrationEvent): string {
  const offset = at - chunkOf(at) * CHUNK_MS;
  return offset.toString(16).padStart(8, '0') + expires.toString(16).padStart(8, '0');
}

function eventsOf({ chunk, contact, user_agent: userAgent, address, events }: RegistrationRow): RegistrationEvent[] {
  const view = new DataView(events.buffer, events.byteOffset, events.byteLength);
  return Array.from({ length: events.byteLength / EVENT_BYTES }, (_, index) => ({
    contact,
    userAgent,
    address,
    at: chunk * CHUNK_MS + view.getUint32(index * EVENT_BYTES),
    expires: view.getUint32(index * EVENT_BYTES + 4),
  }));
}

/** A line of which registrations came, and the last start of its calls that they may tell more of. */
export interface LastStart {
  readonly bucket: number;
  readonly line: number;
  /** ms since the epoch; `-Infinity`: it has no call. */
  readonly lastStart: number;
}

/**
 * The last start of calls of lines whose heads are locked. A line that is asked for the first time is kept from now on,
 * with the last of all its calls: those that were another line's of its account before, too.
 */
export async function lastStartsOf(
  tx: Transaction,
  lines: readonly { readonly bucket: number; readonly no: number; readonly account: number }[],
): Promise<Map<number, number>> {
  const kept = await tx.query<{ line: number; last_start: number | null }>(
    `select r.line, r.last_start from unnest($1::smallint[], $2::int[]) as g (bucket, line)
     join registered_line r on r.bucket = g.bucket and r.line = g.line`,
    [lines.map(({ bucket }) => bucket), lines.map(({ no }) => no)],
  );
  const starts = new Map(kept.map((row) => [row.line, row.last_start ?? -Infinity]));
  const unknown = lines.filter(({ no }) => !starts.has(no));
  if (unknown.length === 0) return starts;
  const added = await tx.query<{ line: number; last_start: number | null }>(
    `insert into registered_line (bucket, line, last_start)
     select g.bucket, g.line, (
       select max(e.started_at) from entry e
       where e.bucket = g.bucket and e.account = g.account and e.line = g.line)
     from unnest($1::smallint[], $2::int[], $3::int[]) as g (bucket, line, account)
     order by g.bucket, g.line
     on conflict (bucket, line) do update set last_start = registered_line.last_start
     returning line, last_start`,
    [unknown.map(({ bucket }) => bucket), unknown.map(({ no }) => no), unknown.map(({ account }) => account)],
  );
  for (const row of added) starts.set(row.line, row.last_start ?? -Infinity);
  return starts;
}

/** Keeps later starts of calls of lines whose heads are locked; a line that was never asked for is left alone. */
export async function keepLastStarts(tx: Transaction, starts: readonly LastStart[]): Promise<void> {
  if (starts.length === 0) return;
  await tx.query(
    `update registered_line r set last_start = g.start
     from unnest($1::smallint[], $2::int[], $3::timestamptz[]) as g (bucket, line, start)
     where r.bucket = g.bucket and r.line = g.line and (r.last_start is null or r.last_start < g.start)`,
    [
      starts.map(({ bucket }) => bucket),
      starts.map(({ line }) => line),
      starts.map(({ lastStart }) => sqlInstant(lastStart)),
    ],
  );
}
