import type { Finding } from '../../rater/index.ts';
import type { Database } from '../../ledger/index.ts';
import type { BilledCharge } from './oracle/bills.ts';

/** What a ledger says of a call, in the oracle's words. */
export interface PostedCallView {
  readonly line: string;
  readonly account: string;
  readonly period: number;
  readonly coverage: string;
  readonly reason: string;
  readonly billedSeconds: number;
  readonly charge: string;
  readonly meteredPrice: string;
}

interface EntryView {
  readonly account: string;
  readonly line: string;
  readonly identity: bigint;
  readonly revision: number;
  readonly period: number;
  readonly kind: string;
  readonly coverage: string | null;
  readonly reason: string;
  readonly billed_seconds: number;
  readonly charge: string;
  readonly metered_price: string;
  readonly cdr: string | null;
}

/**
 * Every call that is billed, by `switch|call|leg`; throws when one is billed twice or entries have a gap. Calls are
 * told apart by their records: two that share a hash may have one number, in months that no process had in memory
 * together.
 */
export async function billedCalls(db: Database): Promise<Map<string, PostedCallView>> {
  const rows = await db.query<EntryView>('select * from ledger_entry order by account, identity, revision, position');
  const months = Map.groupBy(rows, ({ account, identity, period }) => `${account} ${identity} ${period}`);
  const callsOfNumber = Map.groupBy(months.values(), (entries) => {
    const { account, identity } = entries[0]!;
    return `${account} ${identity} ${identityOf(entries.find(({ cdr }) => cdr !== null)?.cdr ?? '')}`;
  });
  const calls = new Map<string, PostedCallView>();
  for (const ofMonths of callsOfNumber.values()) {
    const entries = ofMonths.flat().toSorted((a, b) => a.revision - b.revision);
    const [latest, ...others] = ofMonths.flatMap(billedIn);
    if (others.length > 0) throw new Error(`A call is billed twice: ${shown(entries)}`);
    if (new Set(entries.map(({ revision }) => revision)).size <= (entries.at(-1)?.revision ?? 0)) {
      throw new Error(`A revision is missing: ${shown(entries)}`);
    }
    if (latest === undefined) continue;
    const charge = entries.reduce((sum, entry) => sum + micros(entry.charge), 0n);
    const usage = entries.findLast(({ cdr, period }) => cdr !== null && period === latest.period);
    const identity = identityOf(usage?.cdr ?? '');
    if (calls.has(identity)) throw new Error(`Call ${identity} is billed twice`);
    if (entries.some(({ cdr }) => cdr !== null && identityOf(cdr) !== identity)) {
      throw new Error(`Two calls have one number: ${shown(entries)}`);
    }
    calls.set(identity, {
      line: latest.line,
      account: latest.account,
      period: latest.period,
      coverage: latest.coverage ?? '',
      reason: latest.reason,
      billedSeconds: latest.billed_seconds,
      charge: decimals(charge),
      meteredPrice: decimals(micros(latest.metered_price)),
    });
  }
  return calls;
}

/** What each account is charged for each call of a month, in each month's bill; sums that are 0 are left out. */
export async function billedCharges(db: Database): Promise<BilledCharge[]> {
  const rows = await db.query<EntryView & { billed_period: number }>('select * from ledger_entry');
  const charges: BilledCharge[] = [];
  const calls = Map.groupBy(rows, ({ account, identity, period }) => `${account} ${identity} ${period}`);
  for (const entries of calls.values()) {
    const { account, period } = entries[0]!;
    const identity = identityOf(entries.find(({ cdr }) => cdr !== null)?.cdr ?? '');
    for (const [billedPeriod, billed] of Map.groupBy(entries, (entry) => entry.billed_period)) {
      const charge = billed.reduce((sum, entry) => sum + micros(entry.charge), 0n);
      if (charge !== 0n) charges.push({ identity, account, period, billedPeriod, charge });
    }
  }
  return charges;
}

/** The latest of a call's entries of one period, unless all are taken back. */
function billedIn(entries: readonly EntryView[]): EntryView[] {
  const latest = entries.at(-1)!;
  if (entries.some(({ revision }, index) => revision === entries[index - 1]?.revision)) {
    throw new Error(`A revision is there twice: ${shown(entries)}`);
  }
  if (latest.kind !== 'reversal') return [latest];
  const charge = entries.reduce((sum, entry) => sum + micros(entry.charge), 0n);
  if (charge !== 0n) throw new Error(`A reversed call keeps a charge of ${charge}: ${shown(entries)}`);
  return [];
}

function shown(entries: readonly EntryView[]): string {
  return entries
    .map((entry) => `${entry.revision} ${entry.kind} of ${entry.period} ${entry.reason} ${entry.cdr ?? ''}`)
    .join('\n');
}

/** Every record that could be read, and waits or was superseded. */
export async function quarantined(db: Database): Promise<{ identity: string; reason: string; contentHash: string }[]> {
  const rows = await db.query<{ reason: string; content: string; cdr: Buffer | string }>(
    `select reason, content, cdr from quarantine where state <> 'rated' and cdr is not null`,
  );
  return rows.map(({ reason, content, cdr }) => ({
    identity: identityOf(cdr.toString()),
    reason,
    contentHash: content,
  }));
}

/** Every verdict that stands, with its evidence. */
export async function standingFindings(db: Database): Promise<{ line: string; period: number; finding: Finding }[]> {
  return db.query(
    `select l.id as line, b.period, b.evidence as finding from breach b join line l on l.no = b.line
     where b.state = 'standing' order by l.id, b.period, b.condition`,
  );
}

/** Feed positions of each bucket have no gap and end at its head. */
export async function feedGaps(db: Database): Promise<unknown[]> {
  return db.query(
    `select h.bucket, h.position, count(e.position) as entries, max(e.position) as last
     from head h left join entry e using (bucket) group by h.bucket, h.position
     having count(e.position) <> h.position or coalesce(max(e.position), 0) <> h.position`,
  );
}

function identityOf(cdr: string): string {
  const record: { switch: string; call: string; leg?: string } = JSON.parse(cdr);
  return JSON.stringify([record.switch, record.call, record.leg ?? '']);
}

function micros(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return decimal.startsWith('-') ? -value : value;
}

function decimals(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(7, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
