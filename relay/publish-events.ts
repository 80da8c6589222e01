import type { Message } from '../kafka/index.ts';
import { type Database, type UnpublishedEvent, lockUnpublishedEvents, moveCursors } from '../ledger/index.ts';
import { instantText, periodText } from '../engine/index.ts';
import type { EventSources } from './event-sources.ts';
import { EVENT_HEADERS, type RelayProducer } from './relay-producer.ts';

const EVENTS_A_TURN = 400;

/** Publishes events of cases and lines, as `publishUsage` does entries; returns how many. */
export function publishEvents(db: Database, producer: RelayProducer, sources: EventSources): Promise<number> {
  return db.transaction(async (tx) => {
    const events = await lockUnpublishedEvents(tx, EVENTS_A_TURN);
    if (events.length === 0) return 0;
    await sources.requireCurrent(tx);
    await producer.sendEvents(events.map((event) => messageOf(event, sources)));
    await moveCursors(tx, 'event', new Map(events.map(({ bucket, no }) => [bucket, no])));
    return events.length;
  });
}

/** Keyed by line, so that what happens to a line stays in order. */
function messageOf(event: UnpublishedEvent, sources: EventSources): Message {
  const source = sources.ofEvent(event.bucket, event.no);
  return { key: event.line, value: JSON.stringify(cloudEvent(event, source)), headers: EVENT_HEADERS };
}

/** An event of the outbox as a CloudEvent. */
export function cloudEvent(
  { bucket, no, type, line, account, period, happenedAt, data }: UnpublishedEvent,
  source: string,
): object {
  return {
    specversion: '1.0',
    id: `${bucket}-${no}`,
    source,
    type,
    subject: line,
    time: instantText(happenedAt),
    data: { line, account, ...(period === null ? {} : { period: periodText(period) }), ...data },
  };
}
