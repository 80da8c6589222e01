import { hash } from 'node:crypto';
import { type RegistrationEvent, compareText } from '../../rater/index.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

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
  const rows = rowsOf(added);
  const known = await knownEvents(tx, rows);
  const fresh = new Set<RegistrationEvent>();
  const grown: AddedRow[] = [];
  for (const [place, row] of rows.entries()) {
    const isKnown = finderIn(known.get(place), row.events.size);
    for (const [hex, event] of row.events) {
      if (isKnown(event)) row.events.delete(hex);
      else fresh.add(event);
    }
    if (row.events.size > 0) grown.push(row);
  }
  await storeRows(tx, grown);
  return fresh;
}

/** Events of one row of the ledger, by their bytes in hex. */
interface AddedRow extends ChunkOfParty {
  readonly binding: string;
  readonly of: RegistrationEvent;
  readonly events: Map<string, RegistrationEvent>;
}

/** In one order, since two workers may meet in these rows. */
function rowsOf(added: readonly EventsOfChunk[]): AddedRow[] {
  const rows = new Map<string, AddedRow>();
  for (const { bucket, party, chunk, events } of added) {
    for (const event of events) {
      const { contact, userAgent, address } = event;
      const key = `${chunk}\0${party}\0${contact}\0${userAgent}\0${address}`;
      const row = rows.get(key);
      const hex = packed(event);
      if (row !== undefined) row.events.set(hex, row.events.get(hex) ?? event);
      else {
        const binding = bindingOf(event);
        rows.set(key, { bucket, party, chunk, binding, of: event, events: new Map([[hex, event]]) });
      }
    }
  }
  return [...rows.values()].toSorted(
    (a, b) =>
      a.bucket - b.bucket || compareText(a.party, b.party) || a.chunk - b.chunk || compareText(a.binding, b.binding),
  );
}

/** What the ledger has of rows already, by their place. */
async function knownEvents(tx: Transaction, rows: readonly AddedRow[]): Promise<Map<number, Uint8Array>> {
  if (rows.length === 0) return new Map();
  const known = await tx.query<{ place: number; events: Uint8Array }>(
    `select g.place::int as place, r.events
     from unnest($1::smallint[], $2::text[], $3::int[], $4::text[]) with ordinality
       as g (bucket, party, chunk, binding, place)
     cross join lateral (
       select events from registration r
       where r.bucket = g.bucket and r.party = g.party and r.chunk = g.chunk and r.binding = g.binding::uuid limit 1
     ) as r`,
    keysOf(rows),
  );
  return new Map(known.map(({ place, events }) => [place - 1, events]));
}

function keysOf(rows: readonly AddedRow[]) {
  return [
    rows.map(({ bucket }) => bucket),
    rows.map(({ party }) => party),
    rows.map(({ chunk }) => chunk),
    rows.map(({ binding }) => binding),
  ];
}

/** Few are asked for by looking through all that there are, as nearly always; many by a table of them. */
const FEW = 8;

/** Tells of events whether these bytes have them. */
function finderIn(bytes: Uint8Array | undefined, asked: number): (event: RegistrationEvent) => boolean {
  if (bytes === undefined) return () => false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (asked <= FEW) {
    return (event) => {
      const offset = offsetOf(event);
      // Who tells again what is known does so soon.
      for (let at = bytes.byteLength - EVENT_BYTES; at >= 0; at -= EVENT_BYTES) {
        if (view.getUint32(at) === offset && view.getUint32(at + 4) === event.expires) return true;
      }
      return false;
    };
  }
  const table = new Set<bigint>();
  for (let at = 0; at < bytes.byteLength; at += EVENT_BYTES) table.add(view.getBigUint64(at));
  return (event) => table.has((BigInt(offsetOf(event)) << 32n) | BigInt(event.expires));
}

async function storeRows(tx: Transaction, rows: readonly AddedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into registration as known (bucket, party, chunk, binding, contact, user_agent, address, events)
     select g.bucket, g.party, g.chunk, g.binding::uuid, g.contact, g.user_agent, g.address, decode(g.hex, 'hex')
     from unnest($1::smallint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       as g (bucket, party, chunk, binding, contact, user_agent, address, hex)
     on conflict (bucket, party, chunk, binding) do update set events = known.events || excluded.events`,
    [
      ...keysOf(rows),
      rows.map(({ of }) => of.contact),
      rows.map(({ of }) => of.userAgent),
      rows.map(({ of }) => of.address),
      rows.map(({ events }) => [...events.keys()].join('')),
    ],
  );
}

function bindingOf({ contact, userAgent, address }: RegistrationEvent): string {
  return hash('sha256', `${contact}\0${userAgent}\0${address}`, 'hex').slice(0, 32);
}

/** When in its chunk an event was, in ms. */
function offsetOf({ at }: RegistrationEvent): number {
  return at - chunkOf(at) * CHUNK_MS;
}

function packed(event: RegistrationEvent): string {
  return offsetOf(event).toString(16).padStart(8, '0') + event.expires.toString(16).padStart(8, '0');
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
