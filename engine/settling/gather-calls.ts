import {
  BUCKET_COUNT,
  type Cdr,
  type LineState,
  type NoCall,
  canonicalText,
  identityText,
  isNoCall,
  partiesOf,
  rateCall,
} from '../../rater/index.ts';
import {
  type CallKey,
  type PostedCall,
  type QuarantinedRecord,
  type Transaction,
  findBilledCalls,
  findCalls,
  findSeenHashes,
  findOwnNumbers,
  findQuarantined,
  giveOwnNumbers,
} from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { type IdentityHalves, halvesOf, identityNumber, identityOf } from './identity-halves.ts';
import type { RatingState } from '../memory/rating-state.ts';
import { callKeyOfText } from './record-keys.ts';
import { recordedCdr, recordedRecord } from './recorded-cdr.ts';

/** A call that is posted somewhere, with the record that was rated. */
export interface PostedRecord {
  readonly posted: PostedCall;
  readonly cdr: Cdr;
}

/** A record of a call in quarantine that could be read. */
export interface KeptCallRecord {
  readonly kept: QuarantinedRecord;
  readonly cdr: Cdr | NoCall;
}

/** All that the ledger has of one call: told from others by its switch, id and leg, whatever hash they share. */
export interface GatheredCall {
  /** `identityText`. */
  readonly text: string;
  readonly hash: IdentityHalves;
  /** The same as a number. */
  readonly hashNumber: bigint;
  /** Wherever it is posted, whatever the number. */
  readonly posted: PostedRecord[];
  readonly kept: KeptCallRecord[];
  /** The accounts under which the ledger says that a call with records in quarantine was billed. */
  readonly billedUnder: Set<number>;
  /** The number of its own that it has in place of the hash; `null` while it needs none. */
  ownNumber: bigint | null;
}

/**
 * Calls by their text, and which calls have which number under which account: more than one where no process knew of
 * both.
 */
export interface GatheredCalls {
  readonly byText: ReadonlyMap<string, GatheredCall>;
  readonly holders: Holders;
  /** Hashes that several of these calls have, or one of them and another call that is posted. */
  readonly contested: ReadonlySet<bigint>;
}

/** Records by the `identityText` of their call. */
export type RecordsByCall = ReadonlyMap<string, readonly (Cdr | NoCall)[]>;

/**
 * Gathers all that the ledger has of the calls of some records. What it costs hangs on those calls and records, not
 * on how many others share their hashes: quarantine and own numbers are asked by text, and under an account a hash is
 * one call's.
 *
 * @param elsewhere where else to look than where memory and quarantine say
 */
export async function gatherCalls(
  tx: Transaction,
  state: RatingState,
  recordsOf: RecordsByCall,
  elsewhere: readonly CallKey[] = [],
): Promise<GatheredCalls> {
  const byText = new Map<string, GatheredCall>();
  const textOfHash = new Map<bigint, string>();
  const contested = new Set<bigint>();
  for (const [text, [record]] of recordsOf) {
    const call = emptyCall(text, record!);
    byText.set(text, call);
    if (textOfHash.has(call.hashNumber)) contested.add(call.hashNumber);
    else textOfHash.set(call.hashNumber, text);
  }
  const calls = [...byText.values()];
  const seen = await findSeenHashes(tx, [...textOfHash.keys()]);
  const having = (hashes: ReadonlySet<bigint>): GatheredCall[] =>
    hashes.size === 0 ? [] : calls.filter(({ hashNumber }) => hashes.has(hashNumber));
  for (const kept of await findQuarantined(tx, having(seen.quarantined).map(keyOf))) {
    if (kept.cdr === null || kept.state === 'rated') continue;
    const cdr = recordedRecord(kept.cdr);
    const text = identityText(cdr);
    // One that was written off is as if it had not come, unless this is the same record once more.
    if (kept.state === 'written-off' && !hasRecord(recordsOf.get(text), cdr)) continue;
    byText.get(text)?.kept.push({ kept, cdr });
  }
  const where = [...elsewhere, ...(await billedBefore(tx, having(seen.quarantined)))];
  await takeOwnNumbers(having(seen.shared), (keys) => findOwnNumbers(tx, keys));

  const keys = new Map<string, CallKey>(where.map((key) => [holderKey(key.account, key.identity), key]));
  for (const call of calls) {
    // What waits may be billed now, too, and memory need not know that its account has the call already.
    const given = recordsOf.get(call.text)!;
    const own = call.kept.length === 0 ? given : [...given, ...call.kept.map(({ cdr }) => cdr)];
    for (const account of accountsOf(call, own, state)) {
      const bucket = state.bucketOfAccount(account);
      for (const identity of numbersOf(call)) {
        keys.set(holderKey(account, identity), { bucket, account, identity });
      }
    }
  }
  const holders = new Holders();
  const delivered = recordsByBytes(recordsOf);
  for (const posted of await findCalls(tx, [...keys.values()])) {
    const same = delivered.get(posted.record);
    const cdr = same?.cdr ?? recordedCdr(posted.record);
    const text = same?.text ?? identityText(cdr);
    byText.get(text)?.posted.push({ posted, cdr });
    holders.add(posted.account, posted.identity, text);
    const other = textOfHash.get(posted.identity);
    if (other !== undefined && other !== text) contested.add(posted.identity);
  }
  return { byText, holders, contested };
}

/** Whether one of these records says just what this one says. */
function hasRecord(records: readonly (Cdr | NoCall)[] | undefined, record: Cdr | NoCall): boolean {
  const text = canonicalText(record);
  return records?.some((one) => canonicalText(one) === text) === true;
}

/** Where calls were billed that have records in quarantine: whoever settles those need not have seen the calls. */
async function billedBefore(tx: Transaction, calls: readonly GatheredCall[]): Promise<CallKey[]> {
  const byKey = new Map(calls.map((call) => [keyOf(call).toString('hex'), call]));
  const found = await findBilledCalls(tx, calls.map(keyOf));
  return found.flatMap(({ key, bucket, account }) => {
    const call = byKey.get(key);
    if (call === undefined) return [];
    call.billedUnder.add(account);
    return [{ bucket, account, identity: call.hashNumber }];
  });
}

/**
 * Calls by their records as they stand in memory: most that are seen again were posted with the same bytes, and need
 * not be read.
 */
function recordsByBytes(recordsOf: RecordsByCall): Map<string, { readonly cdr: Cdr; readonly text: string }> {
  const calls = new Map<string, { readonly cdr: Cdr; readonly text: string }>();
  for (const [text, records] of recordsOf) {
    for (const cdr of records) {
      if (isNoCall(cdr)) continue;
      calls.set(cdr.recordBuffer.toString('utf8', cdr.recordStart, cdr.recordEnd), { cdr, text });
    }
  }
  return calls;
}

/** Which calls, by their texts, have which number under which account. */
export class Holders {
  /** `null`: several have it. */
  readonly #texts: Map<string, string | null>;

  /** @param others whom to begin with; they are not changed */
  constructor(others?: Holders) {
    this.#texts = new Map(others === undefined ? [] : others.#texts);
  }

  add(account: number, number: bigint, text: string): void {
    const key = holderKey(account, number);
    const holder = this.#texts.get(key);
    if (holder === undefined) this.#texts.set(key, text);
    else if (holder !== text) this.#texts.set(key, null);
  }

  /** Whether another call has it, too or alone. */
  isAnothers(account: number, number: bigint, text: string): boolean {
    const holder = this.#texts.get(holderKey(account, number));
    return holder !== undefined && holder !== text;
  }
}

/**
 * The number under which a call is posted under an account: the one that it has there; else its own, if it has one;
 * else its hash. `null` where another call has that: it needs a number of its own.
 */
export function numberUnder(call: GatheredCall, account: number, holders: Holders): bigint | null {
  const there = call.posted.flatMap(({ posted }) => (posted.account === account ? [posted.identity] : []));
  if (there.length > 0) {
    return there.find((number) => !holders.isAnothers(account, number, call.text)) ?? call.ownNumber;
  }
  if (call.ownNumber !== null) return call.ownNumber;
  return holders.isAnothers(account, call.hashNumber, call.text) ? null : call.hashNumber;
}

/** Gives calls numbers of their own, in place of the hashes that other calls have. */
export function giveNumbers(tx: Transaction, calls: readonly GatheredCall[]): Promise<void> {
  const sharing = calls.map((call) => ({ callKey: keyOf(call), hash: call.hashNumber }));
  return takeOwnNumbers(calls, () => giveOwnNumbers(tx, sharing));
}

async function takeOwnNumbers(
  calls: readonly GatheredCall[],
  numbersOfKeys: (keys: readonly Buffer[]) => Promise<ReadonlyMap<string, bigint>>,
): Promise<void> {
  if (calls.length === 0) return;
  const keys = calls.map(keyOf);
  const numbers = await numbersOfKeys(keys);
  for (const [index, call] of calls.entries()) call.ownNumber = numbers.get(keys[index]!.toString('hex')) ?? null;
}

/**
 * The buckets in which a correction's hash is watched: those of the lines that it names, where the call is likely to
 * be; another one where it names none of ours, so that whoever reads the heads learns of it all the same.
 */
export function bucketsToWatch(cdr: NoCall, state: RatingState): Set<number> {
  const buckets = new Set(linesNamed(cdr, state).map(({ bucket }) => bucket));
  if (buckets.size === 0) buckets.add((identityOf(cdr).low >>> 0) % BUCKET_COUNT);
  return buckets;
}

/** Keeps where a call is billed, for whoever settles its records in quarantine without having seen it. */
export function noteBilled(
  batch: Batch,
  call: GatheredCall,
  { account, bucket }: Pick<LineState, 'account' | 'bucket'>,
): void {
  if (call.billedUnder.has(account)) return;
  call.billedUnder.add(account);
  batch.billedCalls.push({ callKey: keyOf(call), account, bucket });
}

/** The lines that a correction names, at whatever time: it may name no start. */
function linesNamed(cdr: NoCall, { context }: RatingState): LineState[] {
  return partiesOf(cdr).flatMap((party) => context.directory.everNamed(party));
}

/** The accounts under which a call may be billed: where it was seen, and where its records would be billed. */
function accountsOf(call: GatheredCall, records: readonly (Cdr | NoCall)[], state: RatingState): Set<number> {
  const accounts = new Set([...state.seen.find(call.hash.high, call.hash.low), ...call.billedUnder]);
  if (call.ownNumber !== null) for (const account of metUnder(call.ownNumber, state)) accounts.add(account);
  for (const record of records) {
    if (isNoCall(record)) for (const { account } of linesNamed(record, state)) accounts.add(account);
    else {
      const rated = rateCall(record, state.context);
      if (typeof rated !== 'string') accounts.add(rated.line.account);
    }
  }
  accounts.delete(0);
  return accounts;
}

function metUnder(number: bigint, { seen }: RatingState): number[] {
  const { high, low } = halvesOf(number);
  return seen.find(high, low);
}

/** All numbers that a call can have: its hash, and its own. */
function numbersOf(call: GatheredCall): bigint[] {
  return call.ownNumber === null ? [call.hashNumber] : [call.hashNumber, call.ownNumber];
}

function keyOf({ text }: GatheredCall): Buffer {
  return callKeyOfText(text);
}

function holderKey(account: number, number: bigint): string {
  return `${account}:${number}`;
}

function emptyCall(text: string, record: Cdr | NoCall): GatheredCall {
  const hash = identityOf(record);
  return {
    text,
    hash,
    hashNumber: identityNumber(hash),
    posted: [],
    kept: [],
    billedUnder: new Set(),
    ownNumber: null,
  };
}
