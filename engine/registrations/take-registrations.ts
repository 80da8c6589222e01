import { type LineState, type RegistrationEvent, bucketOf, registeredKey } from '../../rater/index.ts';
import {
  type EventsOfChunk,
  addRegistrationEvents,
  chunkOf,
  type Transaction,
  countFactChange,
  keepLastStarts,
  lastStartsOf,
  markLinesStale,
} from '../../ledger/index.ts';
import { type DecodedBad, type LineRegistration, bad } from '../../formats/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { ALL_BUCKETS } from '../memory/bucket-months.ts';
import type { DeliveredRecord } from '../delivery.ts';
import type { RatingState } from '../memory/rating-state.ts';
import type { Settlement } from '../settling/settlement.ts';
import type { TakenRegistration } from './taken-registration.ts';

/** The outcome under which registrations are counted. */
const COUNTED = 'not-a-call\tregistration';
const MOST_SECONDS = 2 ** 32 - 1;

/** Takes note of a registration, or says why it can't be used. The transaction keeps it. */
export function noteRegistration(record: DeliveredRecord, told: LineRegistration, batch: Batch): DecodedBad | null {
  const { state } = batch;
  const { line, contact, userAgent, address, expiry } = told;
  const at = told.at ?? record.receipt?.receivedAt ?? null;
  if (at === null) {
    const detail = 'Cannot tell when the registration was made: the record has no time, and its source has none';
    return bad('missing-field', detail);
  }
  if (!state.context.civilTime.covers(at)) {
    return bad('invalid-field', `Cannot use the time of the registration: ${at} ms since 1970 is out of range`);
  }
  const expires = Math.min(MOST_SECONDS, secondsOf(expiry, at));
  batch.registrations.push({ line, event: { contact, userAgent, address, at, expires } });
  batch.count(COUNTED);
  state.beginAsking();
  for (const bucket of bucketsOfRegistration(line, state)) batch.buckets.add(bucket);
  return null;
}

function secondsOf(expiry: LineRegistration['expiry'], at: number): number {
  if (expiry === 'ended') return 0;
  return 'seconds' in expiry ? expiry.seconds : Math.max(0, Math.ceil((expiry.at - at) / 1000));
}

/** The buckets that a registration of a party concerns: all of them for the first that the ledger has. */
export function bucketsOfRegistration(party: string, state: RatingState): Iterable<number> {
  if (!state.hasRegistrations) return ALL_BUCKETS;
  return state.context.directory.everRegisteredAs(party).map(({ bucket }) => bucket);
}

/**
 * Keeps the registrations of a batch, within the transaction that has locked the heads of their lines, and has lines
 * judged again that have calls which they may tell more of. What is known already is a duplicate.
 */
export async function keepRegistrations({ tx, batch, flush }: Settlement): Promise<void> {
  const { registrations, state } = batch;
  if (registrations.length === 0) return;
  await flush();
  await saveLastStarts(tx, batch);
  if (!state.hasRegistrations) {
    // Who rates must ask from now on: batches under way elsewhere are repeated.
    await countFactChange(tx, [...ALL_BUCKETS]);
    for (const bucket of ALL_BUCKETS) batch.changedBuckets.add(bucket);
    state.hasRegistrations = true;
  }
  const fresh = await addRegistrationEvents(tx, byChunk(registrations, batch));
  const known = registrations.length - fresh.size;
  if (known > 0) {
    batch.count(COUNTED, -known);
    batch.count('duplicate\t', known);
  }
  await judgeTouchedLines(
    registrations.filter(({ event }) => fresh.has(event)),
    { tx, batch },
  );
}

function byChunk(registrations: readonly TakenRegistration[], { catalogue }: Batch): EventsOfChunk[] {
  const chunks = new Map<string, EventsOfChunk & { events: RegistrationEvent[] }>();
  for (const { line, event } of registrations) {
    const party = registeredKey(line, catalogue.plan);
    const chunk = chunkOf(event.at);
    const known = chunks.get(`${chunk} ${party}`);
    if (known === undefined)
      chunks.set(`${chunk} ${party}`, { bucket: bucketOf(party), party, chunk, events: [event] });
    else known.events.push(event);
  }
  return [...chunks.values()];
}

/** Keeps, of lines of which registrations came, up to when calls were rated that they may tell more of. */
export async function saveLastStarts(tx: Transaction, { asked }: Batch): Promise<void> {
  await keepLastStarts(
    tx,
    [...asked.lastStarts].map(([{ bucket, no }, lastStart]) => ({ bucket, line: no, lastStart })),
  );
}

/** An event tells of calls that start from its instant on: most have none in the ledger yet. */
async function judgeTouchedLines(
  fresh: readonly TakenRegistration[],
  { tx, batch }: Pick<Settlement, 'tx' | 'batch'>,
): Promise<void> {
  const { directory } = batch.state.context;
  const earliest = new Map<LineState, number>();
  for (const { line: party, event } of fresh) {
    for (const line of directory.everRegisteredAs(party)) {
      batch.needsLock(line.bucket);
      earliest.set(line, Math.min(earliest.get(line) ?? Infinity, event.at));
    }
  }
  if (earliest.size === 0) return;
  const lastStarts = await lastStartsOf(tx, [...earliest.keys()]);
  const touched = [...earliest].filter(([{ no }, at]) => (lastStarts.get(no) ?? -Infinity) >= at);
  if (touched.length > 0)
    await markLinesStale(
      tx,
      touched.map(([line]) => line),
    );
}
