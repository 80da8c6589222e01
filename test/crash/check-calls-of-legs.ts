import type { Database } from '../../ledger/index.ts';
import type { OracleResult } from '../support/oracle/oracle-types.ts';
import { BESIDE } from './check-ledger.ts';
import { type Difference, setDifferences } from './compare.ts';
import type { LoggedMessage } from './read-topic.ts';
import { linesOfFile } from './make-month.ts';
import { type CallsOfLegs, SWITCH_OF_LEGS } from './make-calls-of-legs.ts';

/** Whether an identity is of a call of several records. */
export function isOfLegs(identity: string): boolean {
  return identity.startsWith(`["${SWITCH_OF_LEGS}",`);
}

interface WaitingRow {
  readonly reason: string;
  readonly record: Buffer;
  readonly cdr: Buffer | string | null;
}

/**
 * What waits of the rows: those that can't be read with all of their call, and calls that wait for another reason.
 * What was read of a row while others were missing waits no more.
 */
export async function checkWaitingLegs(
  db: Database,
  { waiting }: CallsOfLegs,
  expected: OracleResult,
): Promise<Difference[]> {
  const rows = await db.query<WaitingRow>(`select reason, record, cdr from quarantine where state = 'waiting'`);
  const unread = rows.flatMap(({ reason, record, cdr }) => {
    const channel = record
      .toString()
      .match(/PJSIP\/op-[0-9a-f]{8}/g)
      ?.at(-1);
    return cdr !== null || channel === undefined ? [] : [{ reason, channel }];
  });
  const calls = rows.flatMap(({ reason, cdr }) => {
    const identity = cdr === null ? '' : identityOf(cdr.toString());
    return isOfLegs(identity) ? [{ reason, identity }] : [];
  });
  const wanted = expected.quarantine.filter(({ identity }) => isOfLegs(identity));
  return [
    ...setDifferences('quarantine', unread, waiting),
    ...setDifferences(
      'quarantine',
      calls,
      wanted.map(({ reason, identity }) => ({ reason, identity })),
    ),
  ];
}

/** A topic has what was sent to it, each at least once. */
export function checkSent(topic: string, logged: readonly LoggedMessage[], sent: readonly string[]): Difference[] {
  const texts = new Set(logged.flatMap(({ value }) => linesOfFile(value).map((line) => line.toString())));
  const missing = sent.filter((text) => !texts.has(text));
  return missing.map((text) => ({ of: 'positions', text: `${topic} lacks ${text}` }));
}

/** Every record of a topic was counted as received once, and what became of it, too. */
export async function checkCountsOf(
  db: Database,
  topic: string,
  logged: readonly LoggedMessage[],
): Promise<Difference[]> {
  const rows = await db.query<{ outcome: string; records: string }>(
    `select outcome, sum(records)::text as records from source_count where source = $1 group by outcome`,
    [`kafka:${topic}`],
  );
  const records = logged.reduce((sum, { value }) => sum + linesOfFile(value).length, 0);
  const sumOf = (isOf: (outcome: string) => boolean): number =>
    rows.reduce((sum, row) => sum + (isOf(row.outcome) ? Number(row.records) : 0), 0);
  const counts = { received: sumOf((one) => one === 'received'), settled: sumOf((one) => !BESIDE.has(one)) };
  return Object.entries(counts).flatMap(([what, count]): Difference[] =>
    count === records ? [] : [{ of: 'counts', text: `${topic}: ${what} ${count} instead of ${records}` }],
  );
}

function identityOf(cdr: string): string {
  const record: { switch: string; call: string; leg?: string } = JSON.parse(cdr);
  return JSON.stringify([record.switch, record.call, record.leg ?? '']);
}
