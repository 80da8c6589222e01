import type { Transaction } from '../database/database.ts';

/** What other systems are told of, beside entries. */
export type EventType =
  'case.opened' | 'case.decided' | 'case.withdrawn' | 'line.unlimited-suspended' | 'line.unlimited-reinstated';

/** An event for the outbox; whose line and account it is, the reader adds from the ledger's numbers. */
export interface NewEvent {
  readonly type: EventType;
  readonly bucket: number;
  /** The ledger's number of the line. */
  readonly line: number;
  /** The month of a case (yyyymm); `null` of a line. */
  readonly period: number | null;
  readonly data: object;
}

/**
 * Adds events, in their order. The heads of their buckets must be locked: that is what keeps numbers in commit order.
 */
export async function addEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `insert into outbox (bucket, type, line, period, data)
     select bucket, type, line, period, data
     from unnest($1::smallint[], $2::text[], $3::int[], $4::int[], $5::json[])
       with ordinality as e (bucket, type, line, period, data, index)
     order by index`,
    [
      events.map(({ bucket }) => bucket),
      events.map(({ type }) => type),
      events.map(({ line }) => line),
      events.map(({ period }) => period),
      events.map(({ data }) => JSON.stringify(data)),
    ],
  );
}
