import type { DeliveredRecord } from '../../engine/delivery.ts';
import { type Database, readHeads, readHoles, verifyBucket, verifyStrays } from '../../ledger/index.ts';
import { feedGaps } from '../support/posted-ledger.ts';
import { type Difference, setDifferences } from './compare.ts';
import { type PartitionProgress, REKEYED_TOPIC } from './ledger-progress.ts';
import { LEGS_TOPIC, UNKEYED_LEGS_TOPIC, UNKEYED_TOPIC } from './make-month.ts';
import type { LoggedRecord } from './read-topic.ts';

/** No position was skipped and none is missing: the ledger stands where each log ends. */
export function checkPositions(progress: readonly PartitionProgress[]): Difference[] {
  return progress.flatMap(({ topic, partition, start, end, position }): Difference[] =>
    (position ?? start) === end
      ? []
      : [{ of: 'positions', text: `${topic}/${partition}: the ledger stands at ${position}, the log ends at ${end}` }],
  );
}

/** Nothing was passed that the ledger's own counts do not explain, and nothing was counted twice. */
export async function checkHoles(db: Database): Promise<Difference[]> {
  return (await readHoles(db)).map(({ source, partition, position, hole }) => ({
    of: 'positions',
    text: `${source}/${partition}: a hole of ${hole} up to ${position}`,
  }));
}

interface CountRow {
  readonly source: string;
  readonly outcome: string;
  readonly reason: string;
  readonly records: string;
}

/** Outcomes that are counted beside those of the records delivered: of others, which they brought out of quarantine. */
export const BESIDE: ReadonlySet<string> = new Set(['received', 'replayed']);

/**
 * Every record of every log was counted as received once, and what became of it, too; those that are no calls by
 * reason. Of the unkeyed topic the calls are counted where they are rated: in the re-keyed topic.
 */
export async function checkCounts(
  db: Database,
  records: readonly LoggedRecord[],
  rekeyed: readonly DeliveredRecord[],
): Promise<Difference[]> {
  const rows = await db.query<CountRow>('select source, outcome, reason, records::text as records from source_count');
  const countOf = (topic: string, isOf: (row: CountRow) => boolean): number =>
    rows
      .filter((row) => row.source === `kafka:${topic}` && isOf(row))
      .reduce((sum, row) => sum + Number(row.records), 0);
  const settledHere = records.filter(({ topic, decoded }) => topic !== UNKEYED_TOPIC || decoded.kind !== 'call');
  // A call that is read otherwise once more of its legs are known is told of as a change, which is no record.
  const inTheLog = rekeyed.filter(({ correction }) => correction === undefined);
  const logged = [...settledHere.map(({ topic }) => topic), ...inTheLog.map(() => REKEYED_TOPIC)];
  const received = [...Map.groupBy(logged, (topic) => topic)].flatMap(([topic, { length }]) => [
    ...difference(
      `${topic}: received`,
      countOf(topic, ({ outcome }) => outcome === 'received'),
      length,
    ),
    ...difference(
      `${topic}: settled`,
      countOf(topic, ({ outcome }) => !BESIDE.has(outcome)),
      length,
    ),
  ]);
  const reasons = settledHere.flatMap(({ topic, decoded }) =>
    decoded.kind === 'not-a-call' ? [`${topic} ${decoded.reason}`] : [],
  );
  const noCalls = [...Map.groupBy(reasons, (key) => key)].flatMap(([key, { length }]) => {
    const [topic = '', wanted] = key.split(' ');
    const counted = countOf(topic, ({ outcome, reason }) => outcome === 'not-a-call' && reason === wanted);
    return difference(`${topic}: no call (${wanted})`, counted, length);
  });
  return [...received, ...noCalls];
}

function difference(what: string, found: number, wanted: number): Difference[] {
  return found === wanted ? [] : [{ of: 'counts', text: `${what} ${found} instead of ${wanted}` }];
}

/** Every call of the unkeyed topic was re-keyed at least once. */
export function checkRekeyed(records: readonly LoggedRecord[], rekeyed: readonly DeliveredRecord[]): Difference[] {
  const places = new Set(rekeyed.map(({ origin, position, item }) => `${origin?.partition}/${position}/${item}`));
  return records.flatMap(({ topic, partition, offset, item, decoded }): Difference[] => {
    if (topic !== UNKEYED_TOPIC || decoded.kind !== 'call' || places.has(`${partition}/${offset}/${item}`)) return [];
    return [{ of: 'positions', text: `${topic}/${partition} offset ${offset} item ${item} was not re-keyed` }];
  });
}

interface BrokenRow {
  readonly source: string;
  readonly partition: number;
  readonly position: string;
  readonly item: number;
  readonly reason: string;
  readonly record: Buffer;
  readonly arrivals: string;
}

/**
 * Every record that can't be read is in quarantine with its bytes and the place of one of its arrivals, and every
 * arrival of it is counted there: the same bytes are kept once. Rows of calls of several legs are checked apart.
 */
export async function checkBroken(db: Database, records: readonly LoggedRecord[]): Promise<Difference[]> {
  const rows = await db.query<BrokenRow>(
    `select source, partition, position::text as position, item, reason, record, arrivals::text as arrivals
     from quarantine where cdr is null and source not in ('kafka:${LEGS_TOPIC}', 'kafka:${UNKEYED_LEGS_TOPIC}', 'legs')`,
  );
  const found = rows.flatMap(({ reason, record, arrivals }) =>
    Array.from({ length: Number(arrivals) }, () => ({ reason, bytes: record.toString('latin1') })),
  );
  const places = new Set<string>();
  const expected = records.flatMap(({ topic, partition, offset, item, bytes, decoded }) => {
    if (decoded.kind !== 'bad') return [];
    places.add(`kafka:${topic} ${partition} ${offset} ${item} ${bytes.toString('latin1')}`);
    return [{ reason: decoded.reason, bytes: bytes.toString('latin1') }];
  });
  const misplaced = rows
    .map(
      ({ source, partition, position, item, record }) =>
        `${source} ${partition} ${position} ${item} ${record.toString('latin1')}`,
    )
    .filter((place) => !places.has(place))
    .map((place): Difference => ({ of: 'quarantine', text: `no such record was delivered: ${place}` }));
  return [...setDifferences('quarantine', found, expected), ...misplaced];
}

/** The feed of each bucket has the positions 1 to n, each once. */
export async function checkFeed(db: Database): Promise<Difference[]> {
  return (await feedGaps(db)).map((gap) => ({ of: 'feed', text: JSON.stringify(gap) }));
}

/** The ledger's own proof: every entry is what was posted, and each was posted with a digest. */
export async function checkProof(db: Database): Promise<Difference[]> {
  const strays = await verifyStrays(db);
  const differences = strays.map((stray): Difference => ({ of: 'proof', text: JSON.stringify(stray) }));
  for (const { bucket } of await readHeads(db)) {
    const { findings, unproven } = await verifyBucket(db, bucket, null);
    for (const finding of findings) differences.push({ of: 'proof', text: JSON.stringify(finding) });
    if (unproven > 0) differences.push({ of: 'proof', text: `bucket ${bucket}: ${unproven} entries without a digest` });
  }
  return differences;
}
