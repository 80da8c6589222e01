import type { Logger } from 'pino';
import { DatabaseError, type DatabaseErrorCode } from '../../ledger/index.ts';
import { type DeliveredRecord, type Delivery, type RatingEngine, type Counts, evidenceIn } from '../../engine/index.ts';
import { bad } from '../../formats/index.ts';
import { isSourceMoved } from './error-kinds.ts';

/** What the database refuses for what a row says, rather than for the state that it is in itself. */
const REFUSALS: ReadonlySet<DatabaseErrorCode> = new Set<DatabaseErrorCode>([
  'unique-violation',
  'check-violation',
  'not-null-violation',
  'foreign-key-violation',
  'append-only',
]);

/**
 * Takes a delivery some record of which makes rating throw, which no record should: halves it until that record
 * stands alone, and sets it aside in quarantine as `rating-failed`, so that it holds nothing else up. Each part is a
 * transaction of its own. Rejects when something else is the matter, such as a database that is away.
 */
export async function takeAround(
  engine: Pick<RatingEngine, 'take'>,
  delivery: Delivery,
  log: Logger,
): Promise<readonly Counts[]> {
  try {
    return [await engine.take(delivery)];
  } catch (error) {
    if (!isTheRecords(error)) throw error;
    const { records } = delivery;
    const [record] = records;
    if (record === undefined) throw error;
    if (records.length === 1) return [await takeAside(engine, delivery, setAside(delivery, record, error, log))];
    const counts: Counts[] = [];
    for (const half of halves(delivery)) counts.push(...(await takeAround(engine, half, log)));
    return counts;
  }
}

/**
 * Takes a record that is set aside, as a leg of its call if it was one: the others are read with it all the same. Where
 * what it says of them is what can't be rated, it is none.
 */
async function takeAside(
  engine: Pick<RatingEngine, 'take'>,
  delivery: Delivery,
  record: DeliveredRecord,
): Promise<Counts> {
  const { decoded } = record;
  try {
    return await engine.take({ ...delivery, records: [record] });
  } catch (error) {
    if (decoded.kind !== 'bad' || decoded.leg === undefined || !isTheRecords(error)) throw error;
    const { reason, detail } = decoded;
    return engine.take({ ...delivery, records: [{ ...record, decoded: bad(reason, detail) }] });
  }
}

/**
 * The first half goes up to the message of the second one's first record: where that is cut, it counts as not taken. A
 * re-keyed record does not say which message it came by: then the first half counts as not taken at all.
 */
function halves(delivery: Delivery): [Delivery, Delivery] {
  const { records, from } = delivery;
  const middle = records.length >> 1;
  const { position, origin } = records[middle]!;
  const to = origin === undefined ? Math.max(from, position) : from;
  return [
    { ...delivery, to, records: records.slice(0, middle) },
    { ...delivery, from: to, records: records.slice(middle) },
  ];
}

function setAside(delivery: Delivery, record: DeliveredRecord, error: unknown, log: Logger): DeliveredRecord {
  const { source, partition } = delivery;
  const { position, item = 0, origin, receipt = null, buffer, start, end } = record;
  log.error({ err: error, source, partition, position, item }, 'a record can not be rated: it is set aside');
  const why = error instanceof Error ? error.message : String(error);
  const decoded = { ...bad('rating-failed', `Cannot rate the record: ${why}`), ...evidenceIn(record) };
  return { decoded, position, item, ...(origin === undefined ? {} : { origin }), receipt, buffer, start, end };
}

/** Whether an error comes from what is rated: a bug in rating, or a row that the database refuses. */
function isTheRecords(error: unknown): boolean {
  if (isSourceMoved(error)) return false;
  if (!(error instanceof DatabaseError)) return true;
  return REFUSALS.has(error.code) || error.sqlState?.startsWith('22') === true;
}
