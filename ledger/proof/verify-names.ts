import { bucketOf } from '../../rater/index.ts';
import { compileDeck, parseDeck } from '../../tariffs/index.ts';
import { loadOffers, loadRateDecks, offerVersion } from '../catalogue/catalogue.ts';
import type { Queryable } from '../database/database.ts';

/** What entries name by number: whoever changes a name under its number changes who pays, or at which price. */
export type NamesTable = 'account' | 'line' | 'destination' | 'rate_deck' | 'offer';

/** Something that entries name, and that is not what it was or must be. */
export interface NameFinding {
  readonly table: NamesTable;
  /** The number that is concerned; of a table that is not as it was kept, the last number that was compared. */
  readonly no: number;
  readonly fault: string;
}

/** The names of a table as they are for good, up to a number: to be kept elsewhere, and compared later. */
export interface NamesProof {
  readonly table: NamesTable;
  readonly upTo: number;
  /** SHA-256 of the rows in order of their numbers, hex. */
  readonly digest: string;
}

/** Of each table the columns that never change. An account's name is none of them. */
const FIXED: Readonly<Record<NamesTable, string>> = {
  account: 'no, bucket, id',
  line: 'no, account, bucket, id',
  destination: 'no, name',
  rate_deck: 'no, name, version, currency, time_zone, document',
  offer: 'no, id, version, document',
};
const TABLES = Object.keys(FIXED) as NamesTable[];

/** The names as they are now. */
export async function namesProofs(q: Queryable): Promise<NamesProof[]> {
  const proofs: NamesProof[] = [];
  for (const table of TABLES) proofs.push(await namesProof(q, table, null));
  return proofs;
}

/**
 * Finds names that contradict themselves or the entries: an account's bucket follows from its id, a line's from its
 * account, a version from its document; and an entry's line is its account's. Names that were exchanged in all their
 * parts alike are found against a proof that was kept elsewhere.
 *
 * @param kept what was kept; none where nothing was
 */
export async function verifyNames(q: Queryable, kept: readonly NamesProof[]): Promise<NameFinding[]> {
  const findings: NameFinding[] = [...(await wrongBuckets(q)), ...(await wrongVersions(q))];
  for (const [table, fault, statement] of CONTRADICTIONS) {
    const rows = await q.query<{ no: number }>(statement);
    findings.push(...rows.map(({ no }) => ({ table, no, fault })));
  }
  for (const { table, upTo, digest } of kept) {
    const now = await namesProof(q, table, upTo);
    if (now.digest !== digest) findings.push({ table, no: upTo, fault: 'the names up to here are not as kept' });
  }
  return findings;
}

async function namesProof(q: Queryable, table: NamesTable, upTo: number | null): Promise<NamesProof> {
  const [row] = await q.query<{ last: number; digest: string }>(
    `select coalesce(max(no), 0) as last,
            encode(sha256(convert_to(coalesce(string_agg(row_hash, '' order by no), ''), 'UTF8')), 'hex') as digest
     from (select no, encode(sha256(convert_to(row(${FIXED[table]})::text, 'UTF8')), 'hex') as row_hash
           from ${table} where $1::int is null or no <= $1) as named`,
    [upTo],
  );
  return { table, upTo: row?.last ?? 0, digest: row?.digest ?? '' };
}

async function wrongBuckets(q: Queryable): Promise<NameFinding[]> {
  const accounts = await q.query<{ no: number; id: string; bucket: number }>(
    'select no, id, bucket from account order by no',
  );
  return accounts
    .filter(({ id, bucket }) => bucketOf(id) !== bucket)
    .map(({ no }) => ({ table: 'account', no, fault: 'its id is of another bucket' }));
}

async function wrongVersions(q: Queryable): Promise<NameFinding[]> {
  const offers = (await loadOffers(q)).filter(({ offer, version }) => offerVersion(offer) !== version);
  const decks = (await loadRateDecks(q)).filter(({ name, version, currency, timeZone, document }) => {
    const parsed = parseDeck(document, { name, currency, timeZone });
    if (parsed.kind === 'faults' || compileDeck(parsed.deck).version !== version) return true;
    return parsed.deck.currency !== currency || parsed.deck.timeZone !== timeZone;
  });
  const fault = 'its document is not of its version';
  return [
    ...offers.map(({ no }): NameFinding => ({ table: 'offer', no, fault })),
    ...decks.map(({ no }): NameFinding => ({ table: 'rate_deck', no, fault })),
  ];
}

const CONTRADICTIONS: readonly (readonly [NamesTable, string, string])[] = [
  [
    'line',
    "its bucket is not its account's",
    `select l.no from line l left join account a on a.no = l.account
     where a.bucket is distinct from l.bucket order by l.no`,
  ],
  [
    'line',
    "entries name it under an account or in a bucket that is not the line's",
    `select e.line as no from (select distinct bucket, account, line from entry) as e
     left join line l on l.no = e.line and l.account = e.account and l.bucket = e.bucket
     where l.no is null order by 1`,
  ],
  [
    'destination',
    'entries name it, and it is not there',
    `select e.destination as no from (select distinct destination from entry) as e
     where not exists (select from destination d where d.no = e.destination) order by 1`,
  ],
  [
    'rate_deck',
    'entries name it, and it is not there',
    `select e.rate_deck as no from (select distinct rate_deck from entry) as e
     where not exists (select from rate_deck k where k.no = e.rate_deck) order by 1`,
  ],
];
