import { type Line, bucketOf, factKeys } from '../../rater/index.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { countFactChange } from '../entries/head-store.ts';
import { loadLines } from './directory-store.ts';
import { type NamedOtherwise, addAccountChanges } from './account-change-store.ts';
import { addLineChanges } from './line-change-store.ts';
import { numberFaults } from './number-clashes.ts';
import { reachOfImport } from '../catalogue/import-reach.ts';
import { ProvisioningError, type ProvisioningFault } from './provisioning-faults.ts';
import { type RatedCalls, addRetroactiveChange } from '../catalogue/retroactive-changes.ts';
import { sqlInstant } from '../database/sql-values.ts';
import { markLinesStale } from '../cases/stale-lines.ts';
import { markQuarantineStale } from '../records/stale-quarantine.ts';
import { markLinesOfPartiesStale } from '../records/unresolved-parties.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
}

/** Accounts to add or rename, and lines with all their facts: what is not given stays as it is. */
export interface Provisioning {
  readonly accounts: readonly Account[];
  readonly lines: readonly Line[];
}

/** What a `storeProvisioning` changed: ids, in the order given. */
export interface ProvisioningChange {
  readonly newAccounts: readonly string[];
  readonly renamedAccounts: readonly string[];
  /** Lines that are new or whose facts are not what they were: their months are to be judged again. */
  readonly changedLines: readonly string[];
  /** Their buckets, of each of which one change of facts was counted. */
  readonly changedBuckets: readonly number[];
  /** Calls rated so far that the changed facts may charge otherwise; `null`: none. */
  readonly reach: RatedCalls | null;
}

/** Who enters facts, why, and from which file. */
export interface FactsEntered {
  readonly file: string;
  readonly takenBy: string;
  readonly note: string;
}

export interface ProvisioningOptions {
  /** How an id is read as a number: E.164 digits, or `null` when it is none. */
  readonly numberOfId?: (id: string) => number | null;
  /** Kept with each account and line that changes, in its transaction, and where that reaches back over rated calls. */
  readonly entered?: FactsEntered;
}

/** The buckets whose heads `storeProvisioning` needs locked. */
export function bucketsOfProvisioning({ accounts, lines }: Provisioning): number[] {
  const ids = [...accounts.map(({ id }) => id), ...lines.map(({ account }) => account)];
  return [...new Set(ids.map(bucketOf))];
}

/**
 * Stores provisioning in a transaction that has locked its buckets' heads, then facts (`lockFacts`). Each given line's
 * spans, devices and networks are replaced by the given ones; the head of each bucket with a changed line counts a
 * change of facts, and the line is marked to be judged again. Storing the same again changes nothing. The lock on facts
 * makes two imports follow one another: the second sees what the first stored, so that no number comes to two lines at
 * one time. What reaches back over rated calls is kept with who entered it. Throws `ProvisioningError`: the transaction
 * is to be undone.
 */
export async function storeProvisioning(
  tx: Transaction,
  { accounts, lines }: Provisioning,
  options: ProvisioningOptions = {},
): Promise<ProvisioningChange> {
  const newAccounts = await addAccounts(tx, accounts);
  const renamed = await renameAccounts(tx, accounts);
  const before = new Map((await loadLines(tx, { ids: lines.map(({ id }) => id) })).map((line) => [line.id, line]));
  const accountNos = await accountNosOf(tx, lines);
  const changed = changedOf(lines, before);
  const faults = [
    ...accountFaults(lines, before, accountNos),
    ...(await numberFaults(tx, changed, options.numberOfId)),
  ];
  if (faults.length > 0) throw new ProvisioningError(faults);
  const added = lines.filter(({ id }) => !before.has(id));
  await addLines(tx, added, accountNos);
  await replaceFacts(tx, changed);
  const changedBuckets = [...new Set(changed.map(({ account }) => bucketOf(account)))];
  await countFactChange(tx, changedBuckets);
  await markLinesStale(tx, await loadLineNos(tx, changed));
  const changes = changed.map((after) => ({ after, before: before.get(after.id) }));
  const parties = [...new Set(changes.flatMap((one) => [one.after, one.before ?? one.after]).flatMap(factKeys))];
  await markWhatTheyName(tx, parties);
  const reach = await reachOfImport(tx, changes, parties);
  if (options.entered !== undefined) {
    const { takenBy: by, note } = options.entered;
    const names = new Map(accounts.map(({ id, name }) => [id, name]));
    const entered = newAccounts.map((account) => ({ account, before: null, after: names.get(account)! }));
    await addAccountChanges(tx, [...entered, ...renamed], { by, note });
    await addLineChanges(tx, changes, { by, note });
    if (reach !== null) await keepReach(tx, reach, options.entered);
  }
  return {
    newAccounts,
    renamedAccounts: renamed.map(({ account }) => account),
    changedLines: changed.map(({ id }) => id),
    changedBuckets,
    reach,
  };
}

/**
 * Records in quarantine, and lines with calls, that name a changed line by what it was or is: both are judged again.
 */
async function markWhatTheyName(tx: Transaction, parties: readonly string[]): Promise<void> {
  if (parties.length === 0) return;
  await markQuarantineStale(tx, parties);
  await markLinesOfPartiesStale(tx, parties);
}

/**
 * Facts that are entered late are not refused: they re-evaluate the calls they touch (domain page, "Dated facts"). Who
 * entered them, and why, is kept.
 */
async function keepReach(tx: Transaction, { calls, from }: RatedCalls, entered: FactsEntered): Promise<void> {
  const { file, takenBy, note } = entered;
  await addRetroactiveChange(tx, { kind: 'lines', version: file, reachesBack: from, calls, takenBy, note });
}

async function addAccounts(tx: Transaction, accounts: readonly Account[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `insert into account (bucket, id, name)
     select g.bucket, g.id, g.name from unnest($1::smallint[], $2::text[], $3::text[]) as g (bucket, id, name)
     where not exists (select from account a where a.id = g.id)
     returning id`,
    [accounts.map(({ id }) => bucketOf(id)), accounts.map(({ id }) => id), accounts.map(({ name }) => name)],
  );
  return rows.map(({ id }) => id);
}

function renameAccounts(tx: Transaction, accounts: readonly Account[]): Promise<NamedOtherwise[]> {
  return tx.query<NamedOtherwise>(
    `update account a set name = g.name
     from (
       select g.id, g.name, old.name as before from unnest($1::text[], $2::text[]) as g (id, name)
       join account old on old.id = g.id where old.name <> g.name
     ) as g
     where a.id = g.id
     returning a.id as account, g.before, a.name as after`,
    [accounts.map(({ id }) => id), accounts.map(({ name }) => name)],
  );
}

async function accountNosOf(q: Queryable, lines: readonly Line[]): Promise<Map<string, number>> {
  const rows = await q.query<{ id: string; no: number }>('select id, no from account where id = any($1::text[])', [
    [...new Set(lines.map(({ account }) => account))],
  ]);
  return new Map(rows.map(({ id, no }) => [id, no]));
}

function accountFaults(
  lines: readonly Line[],
  before: ReadonlyMap<string, Line>,
  accounts: { has(id: string): boolean },
): ProvisioningFault[] {
  return lines.flatMap((line): ProvisioningFault[] => {
    const owner = before.get(line.id)?.account;
    if (owner !== undefined && owner !== line.account) {
      return [{ code: 'account-of-line-is-permanent', line: line.id, account: owner, given: line.account }];
    }
    return accounts.has(line.account) ? [] : [{ code: 'unknown-account', line: line.id, account: line.account }];
  });
}

/** Lines that are new, or whose facts are not what they were. */
function changedOf(lines: readonly Line[], before: ReadonlyMap<string, Line>): readonly Line[] {
  return lines.filter((line) => factsText(line) !== factsText(before.get(line.id)));
}

/**
 * What the ledger has against provisioning, as `storeProvisioning` would find it; nothing is stored.
 *
 * @param numberOfId how an id is read as a number, as `ProvisioningOptions` has it
 */
export async function provisioningFaults(
  q: Queryable,
  { accounts, lines }: Provisioning,
  numberOfId?: ProvisioningOptions['numberOfId'],
): Promise<ProvisioningFault[]> {
  const before = new Map((await loadLines(q, { ids: lines.map(({ id }) => id) })).map((line) => [line.id, line]));
  const known = new Set([...(await accountNosOf(q, lines)).keys(), ...accounts.map(({ id }) => id)]);
  const clashes = await numberFaults(q, changedOf(lines, before), numberOfId);
  return [...accountFaults(lines, before, known), ...clashes];
}

async function addLines(
  tx: Transaction,
  lines: readonly Line[],
  accountNos: ReadonlyMap<string, number>,
): Promise<void> {
  await tx.query(`insert into line (account, bucket, id) select * from unnest($1::int[], $2::smallint[], $3::text[])`, [
    lines.map(({ account }) => accountNos.get(account) ?? null),
    lines.map(({ account }) => bucketOf(account)),
    lines.map(({ id }) => id),
  ]);
}

function loadLineNos(tx: Transaction, lines: readonly Line[]): Promise<{ bucket: number; no: number }[]> {
  return tx.query('select bucket, no from line where id = any($1::text[])', [lines.map(({ id }) => id)]);
}

async function replaceFacts(tx: Transaction, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  const ids = lines.map(({ id }) => id);
  for (const table of ['line_fact', 'line_device', 'line_network'] as const) {
    await tx.query(DELETE_FACTS[table], [ids]);
  }
  await insertSpans(tx, lines);
  await insertDevices(tx, lines);
  await insertNetworks(tx, lines);
}

const DELETE_FACTS = {
  line_fact: `delete from line_fact f using line l
    where l.id = any($1::text[]) and f.bucket = l.bucket and f.line = l.no`,
  line_device: `delete from line_device f using line l
    where l.id = any($1::text[]) and f.bucket = l.bucket and f.line = l.no`,
  line_network: `delete from line_network f using line l
    where l.id = any($1::text[]) and f.bucket = l.bucket and f.line = l.no`,
};

async function insertSpans(tx: Transaction, lines: readonly Line[]): Promise<void> {
  const rows = lines.flatMap(({ id, spans }) => spans.map((span) => ({ id, ...span })));
  await tx.query(
    `insert into line_fact (bucket, line, valid_from, valid_to, number, offer, usage_class, mobility, equipment)
     select l.bucket, l.no, g.valid_from, g.valid_to, g.number, g.offer, g.usage_class, g.mobility, g.equipment
     from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                 $8::text[]) as g (id, valid_from, valid_to, number, offer, usage_class, mobility, equipment)
     join line l on l.id = g.id`,
    [
      rows.map(({ id }) => id),
      ...validity(rows),
      rows.map(({ number }) => number),
      rows.map(({ offer }) => offer),
      rows.map(({ usageClass }) => usageClass),
      rows.map(({ mobility }) => mobility),
      rows.map(({ equipment }) => equipment),
    ],
  );
}

async function insertDevices(tx: Transaction, lines: readonly Line[]): Promise<void> {
  const rows = lines.flatMap(({ id, devices }) => devices.map((device) => ({ id, ...device })));
  await tx.query(
    `insert into line_device (bucket, line, valid_from, valid_to, user_agent)
     select l.bucket, l.no, g.valid_from, g.valid_to, g.user_agent
     from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])
       as g (id, valid_from, valid_to, user_agent)
     join line l on l.id = g.id`,
    [rows.map(({ id }) => id), ...validity(rows), rows.map(({ userAgent }) => userAgent)],
  );
}

async function insertNetworks(tx: Transaction, lines: readonly Line[]): Promise<void> {
  const rows = lines.flatMap(({ id, networks }) => networks.map((network) => ({ id, ...network })));
  await tx.query(
    `insert into line_network (bucket, line, valid_from, valid_to, cidr)
     select l.bucket, l.no, g.valid_from, g.valid_to, g.cidr
     from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[]) as g (id, valid_from, valid_to, cidr)
     join line l on l.id = g.id`,
    [rows.map(({ id }) => id), ...validity(rows), rows.map(({ cidr }) => cidr)],
  );
}

type Validity = { readonly from: number; readonly to: number };

/** An open end is null in the database. */
function validity(rows: readonly Validity[]): [string[], (string | null)[]] {
  return [rows.map(({ from }) => sqlInstant(from)), rows.map(({ to }) => (to === Infinity ? null : sqlInstant(to)))];
}

/** Equal for lines whose facts are the same, in whatever order they are given; `null` for no line. */
function factsText(line: Line | undefined): string | null {
  if (line === undefined) return null;
  const spans = line.spans.map((span) =>
    JSON.stringify([
      span.from,
      String(span.to),
      span.number,
      span.offer,
      span.usageClass,
      span.mobility,
      span.equipment,
    ]),
  );
  const devices = line.devices.map((device) => JSON.stringify([device.from, String(device.to), device.userAgent]));
  const networks = line.networks.map((network) => JSON.stringify([network.from, String(network.to), network.cidr]));
  return [spans, devices, networks].map((facts) => facts.toSorted().join()).join('\n');
}
