import type { DeviceSpan, Line, LineSpan, NetworkSpan, UsageClass } from '../../rater/index.ts';
import type { Queryable } from '../database/database.ts';

/** An account by its id and the ledger's number of it. */
export interface NumberedAccount {
  readonly no: number;
  readonly id: string;
  readonly bucket: number;
}

/** A line with the ledger's numbers of it and of its account. */
export interface NumberedLine extends Line {
  readonly no: number;
  readonly accountNo: number;
  readonly bucket: number;
}

/** Accounts and lines with all their dated facts, of some buckets or of all; in the order of their numbers. */
export async function loadDirectory(
  q: Queryable,
  buckets?: readonly number[],
): Promise<{ accounts: NumberedAccount[]; lines: NumberedLine[] }> {
  const accounts = await q.query<NumberedAccount>(
    `select no, id, bucket from account where $1::smallint[] is null or bucket = any($1) order by no`,
    [buckets ?? null],
  );
  return { accounts, lines: await loadLines(q, buckets === undefined ? {} : { buckets }) };
}

/** An account by its id; `null` when the ledger has none of it. */
export async function accountOfId(q: Queryable, id: string): Promise<NumberedAccount | null> {
  const rows = await q.query<NumberedAccount>('select no, id, bucket from account where id = $1', [id]);
  return rows[0] ?? null;
}

interface LineRow {
  readonly no: number;
  readonly id: string;
  readonly bucket: number;
  readonly account_no: number;
  readonly account: string;
}

/** Lines with their facts, in order of their numbers: of the buckets, the ids and the numbers, where such are given. */
export async function loadLines(
  q: Queryable,
  which: { readonly buckets?: readonly number[]; readonly ids?: readonly string[]; readonly nos?: readonly number[] },
): Promise<NumberedLine[]> {
  const chosen = [which.buckets ?? null, which.ids ?? null, which.nos ?? null];
  const rows = await q.query<LineRow>(
    `select l.no, l.id, l.bucket, a.no as account_no, a.id as account
     from line l join account a on a.no = l.account
     where ($1::smallint[] is null or l.bucket = any($1)) and ($2::text[] is null or l.id = any($2))
    and ($3::int[] is null or l.no = any($3))
     order by l.no`,
    chosen,
  );
  const lines = new Map(rows.map((row) => [row.no, emptyLine(row)]));
  const texts = new SharedTexts();
  for (const row of await q.query<FactRow>(FACTS, chosen)) lines.get(row.line)?.spans.push(toSpan(row, texts));
  for (const row of await q.query<DeviceRow>(DEVICES, chosen)) lines.get(row.line)?.devices.push(toDevice(row, texts));
  for (const row of await q.query<NetworkRow>(NETWORKS, chosen)) lines.get(row.line)?.networks.push(toNetwork(row));
  return [...lines.values()];
}

// A line's facts follow one another, in order of their start.
const FACTS = `select f.line, f.valid_from, f.valid_to, f.number, f.offer, f.usage_class, f.mobility, f.equipment
  from line_fact f join line l on l.no = f.line
  where ($1::smallint[] is null or f.bucket = any($1)) and ($2::text[] is null or l.id = any($2))
    and ($3::int[] is null or l.no = any($3))
  order by f.line, f.valid_from`;
const DEVICES = `select f.line, f.valid_from, f.valid_to, f.user_agent
  from line_device f join line l on l.no = f.line
  where ($1::smallint[] is null or f.bucket = any($1)) and ($2::text[] is null or l.id = any($2))
    and ($3::int[] is null or l.no = any($3))
  order by f.line, f.valid_from, f.user_agent, f.valid_to`;
const NETWORKS = `select f.line, f.valid_from, f.valid_to, f.cidr
  from line_network f join line l on l.no = f.line
  where ($1::smallint[] is null or f.bucket = any($1)) and ($2::text[] is null or l.id = any($2))
    and ($3::int[] is null or l.no = any($3))
  order by f.line, f.valid_from, f.cidr, f.valid_to`;

interface SpanRow {
  readonly line: number;
  readonly valid_from: number;
  readonly valid_to: number | null;
}
interface FactRow extends SpanRow {
  readonly number: bigint | null;
  readonly offer: string | null;
  readonly usage_class: UsageClass;
  readonly mobility: LineSpan['mobility'];
  readonly equipment: LineSpan['equipment'];
}
interface DeviceRow extends SpanRow {
  readonly user_agent: string;
}
interface NetworkRow extends SpanRow {
  readonly cidr: string;
}

interface GrowingLine extends NumberedLine {
  readonly spans: LineSpan[];
  readonly devices: DeviceSpan[];
  readonly networks: NetworkSpan[];
}

function emptyLine({ no, id, bucket, account_no, account }: LineRow): GrowingLine {
  return { no, id, bucket, accountNo: account_no, account, spans: [], devices: [], networks: [] };
}

/** Gives equal texts the same string: tens of thousands of lines have the same few, and each row brings its own. */
class SharedTexts {
  readonly #texts = new Map<string, string>();

  of<Text extends string>(text: Text): Text {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return (known ?? text) as Text;
  }
}

function toSpan(row: FactRow, texts: SharedTexts): LineSpan {
  return {
    from: row.valid_from,
    to: row.valid_to ?? Infinity,
    number: row.number === null ? null : Number(row.number),
    offer: row.offer,
    usageClass: texts.of(row.usage_class),
    mobility: texts.of(row.mobility),
    equipment: texts.of(row.equipment),
  };
}

function toDevice({ valid_from, valid_to, user_agent }: DeviceRow, texts: SharedTexts): DeviceSpan {
  return { from: valid_from, to: valid_to ?? Infinity, userAgent: texts.of(user_agent) };
}

function toNetwork({ valid_from, valid_to, cidr }: NetworkRow): NetworkSpan {
  return { from: valid_from, to: valid_to ?? Infinity, cidr };
}
