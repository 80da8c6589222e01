import {
  type LineVerdicts,
  loadLineVerdicts,
  loadOfferTerms,
  recordedCdr,
  recordedRecord,
} from '../../engine/index.ts';
import {
  type CallSearch,
  type DecisionOnLine,
  type ExplainedEntry,
  type Queryable,
  type RegisteredRateDeck,
  accountOfId,
  decisionsOnLines,
  entriesOfCall,
  findCallId,
  loadFinding,
  loadNumberRepairs,
  loadOffers,
  loadRateDecks,
  quarantinedHolding,
  type QuarantineState,
  repeatWhileCut,
} from '../../ledger/index.ts';
import {
  type Cdr,
  type Coverage,
  type Finding,
  type Hold,
  type Registration,
  CallFlag,
  isReinstatement,
} from '../../rater/index.ts';
import { isFindingCondition } from '../../rules/index.ts';
import {
  type Destination,
  type Dialled,
  type NumberingPlan,
  type PriceExplanation,
  type Rate,
  type RateCandidate,
  type RateDeck,
  compileDeck,
  compileNumberRepairs,
  explainPrice,
  formatNumber,
  parseDeck,
  readDialled,
} from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { parsePeriod } from '../value-text.ts';
import { type ExplainedLeg, explainLegs } from './explain-legs.ts';
import { registrationsOfCall } from './registrations-of-call.ts';

/** Which call is asked for. */
export interface ExplainRequest {
  /** The switch's id of the call. */
  readonly call: string;
  /** Makes the search an index scan. */
  readonly account?: string | undefined;
  /** `2026-11`. */
  readonly period?: string | undefined;
}

/** All that is known of the calls that bear an id: several switches, accounts or months may have one. */
export interface ExplainedCalls {
  readonly kind: 'explained';
  readonly call: string;
  /** In which instants are shown. */
  readonly timeZone: string;
  /** Every call that was rated. */
  readonly calls: readonly ExplainedCall[];
  /** Records that name the id in quarantine, rated calls or none: those that wait, and those that are settled. */
  readonly records: readonly WaitingRecord[];
  /** Every record that the switch wrote of the call, where its format names which belong together. */
  readonly legs: readonly ExplainedLeg[];
}

/** How a call came to its charge. Money in micros, instants in ms since the epoch. */
export interface ExplainedCall {
  readonly account: string;
  readonly line: string;
  readonly period: number;
  readonly cdr: Cdr;
  /** The record as the ledger keeps it, canonical JSON. */
  readonly record: string;
  /** Why it is a call of the line. */
  readonly owner: CallOwner;
  readonly number: NumberSteps;
  readonly destination: string;
  /** Prefixes of the numbering plan that the number falls under; the first won. */
  readonly prefixes: readonly { readonly prefix: string; readonly destination: Destination }[];
  readonly price: ExplainedPrice | null;
  readonly coverage: Coverage | null;
  readonly reason: string;
  readonly offer: string | null;
  readonly hold: ExplainedHold | null;
  /** Of the line, by which the call was judged, the latest first; `null`: none was asked for. */
  readonly registrations: readonly Registration[] | null;
  /** Every entry of the call, in the order in which they were posted. */
  readonly entries: readonly ExplainedEntry[];
  /** Every decision on the conditions that ever metered it, in order of month. */
  readonly decisions: readonly ExplainedDecision[];
  /** Records of the call in quarantine: those that wait, and those that are settled. */
  readonly waiting: readonly WaitingRecord[];
  /** The sum of the entries. */
  readonly charge: number;
  readonly currency: string;
}

export type ExplainedDecision = DecisionOnLine;

/** Why a call is its line's. */
export type CallOwner =
  /** The switch names the line. */
  | { readonly why: 'named' }
  /** It is the last of our lines that forwarded the call. */
  | { readonly why: 'forwarded'; readonly diversions: readonly string[] }
  | { readonly why: 'transferred' }
  /** The switch names a number, which the line had then. */
  | { readonly why: 'had-the-number'; readonly number: string };

/** A record in quarantine, as far as a person needs to find it. */
export interface WaitingRecord {
  readonly no: number;
  readonly state: QuarantineState;
  readonly reason: string;
  readonly detail: string;
}

/** How a dialled string became a number. */
export interface NumberSteps {
  readonly dialled: string;
  readonly read: Dialled;
  readonly called: string;
}

export interface ExplainedPrice {
  readonly deck: string;
  readonly rate: Rate;
  /** Every rate that could have priced the number, the winner first. */
  readonly candidates: readonly RateCandidate[];
  readonly steps: PriceExplanation;
}

export interface ExplainedHold {
  readonly hold: Hold;
  /** `null` when a person confirmed what is no longer found. */
  readonly finding: Finding | null;
}

/** Explains every call that bears a switch's id. Without the account all entries are looked through. */
export async function explainCall(ledger: LedgerReading, request: ExplainRequest): Promise<ExplainedCalls | Refused> {
  const period = periodOf(request);
  if (typeof period === 'object' && period !== null) return period;
  return repeatWhileCut(async () => {
    const { db } = ledger;
    const account = request.account === undefined ? null : await accountOfId(db, request.account);
    if (account === null && request.account !== undefined) {
      return refused(refusal('account-unknown', { account: request.account }));
    }
    const search: CallSearch = { ...(account === null ? {} : { account }), ...(period === null ? {} : { period }) };
    const keys = await findCallId(db, request.call, search);
    const records = await waitingRecords(db, request.call);
    const legs = await explainLegs(db, request.call);
    if (keys.length === 0 && records.length === 0 && legs.length === 0) {
      return refused(refusal('call-unknown', { call: request.call }));
    }
    const calls: ExplainedCall[] = [];
    for (const key of keys) calls.push(await explained(ledger, await entriesOfCall(db, key), records));
    return { kind: 'explained', call: request.call, timeZone: await ledgerTimeZone(db), calls, records, legs };
  });
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkExplain(request: ExplainRequest): Refused | null {
  const period = periodOf(request);
  return typeof period === 'object' ? period : null;
}

/** yyyymm; `null`: any. */
function periodOf({ period: text }: ExplainRequest): number | null | Refused {
  if (text === undefined) return null;
  return parsePeriod(text) ?? refused(refusal('period-unknown', { period: text }));
}

/** Explains a call from its entries; the latest says what it costs now. */
async function explained(
  ledger: LedgerReading,
  entries: readonly ExplainedEntry[],
  waiting: readonly WaitingRecord[],
): Promise<ExplainedCall> {
  const { db, plan } = ledger;
  const latest = entries.at(-1);
  const usage = entries.findLast(({ record }) => record !== null);
  if (latest === undefined || usage === undefined || usage.record === null)
    throw new Error('Cannot explain a call without a usage entry');
  const cdr = recordedCdr(usage.record);
  const line = entries.some(({ reason }) => isFindingCondition(reason)) ? await lineOf(ledger, latest.line) : null;
  const deck = deckOf(latest, await loadRateDecks(db));
  return {
    account: latest.account,
    line: latest.line,
    period: latest.period,
    cdr,
    record: usage.record,
    owner: ownerOf(latest, cdr),
    number: { dialled: cdr.dialled, read: readDialled(cdr.dialled), called: formatNumber(latest.called) },
    destination: latest.destination,
    prefixes: await prefixesOf(ledger, latest.called),
    price: deck === null ? null : priceOf(deck, latest, plan),
    coverage: latest.coverage,
    reason: latest.reason,
    offer: await offerNamed(db, latest.offer),
    hold: line !== null && latest.coverage === 'metered' ? await holdOf(ledger, line, latest) : null,
    registrations: await registrationsOfCall(ledger, latest, cdr),
    decisions: line === null ? [] : await decisionsOn(ledger, line, entries),
    waiting,
    entries,
    charge: entries.reduce((sum, { charge }) => sum + charge, 0),
    currency: latest.currency,
  };
}

/** Of a number that the plan does not have, the prefix that somebody added for it. */
async function prefixesOf({ db, plan }: LedgerReading, called: number): Promise<ExplainedCall['prefixes']> {
  const path = plan.prefixPath(called);
  if (path.length > 0) return path;
  const { prefixes, rules } = await loadNumberRepairs(db);
  const added = compileNumberRepairs(plan, prefixes, rules).prefixOf(called);
  return added === null ? [] : [added];
}

/** An entry names its offer by version alone: the version is the document's hash. */
async function offerNamed(q: Queryable, version: string | null): Promise<string | null> {
  const found = (await loadOffers(q)).find((offer) => offer.version === version);
  return found === undefined ? version : `${found.id}@${found.version}`;
}

function ownerOf({ line, flags }: ExplainedEntry, cdr: Cdr): CallOwner {
  if ((flags & CallFlag.forwarded) !== 0) return { why: 'forwarded', diversions: cdr.diversions };
  if (cdr.line === line) return { why: 'named' };
  return cdr.transferredBy === null ? { why: 'had-the-number', number: cdr.line } : { why: 'transferred' };
}

function deckOf({ rateDeck, rateDeckVersion }: ExplainedEntry, decks: readonly RegisteredRateDeck[]): RateDeck | null {
  const found = decks.find(({ name, version }) => name === rateDeck && version === rateDeckVersion);
  if (found === undefined) return null;
  const { name, currency, timeZone, document } = found;
  const parsed = parseDeck(document, { name, currency, timeZone });
  return parsed.kind === 'deck' ? compileDeck(parsed.deck) : null;
}

function priceOf(deck: RateDeck, entry: ExplainedEntry, plan: NumberingPlan): ExplainedPrice | null {
  const { called, startedAt, durationMs } = entry;
  const name = plan.prefixPath(called)[0]?.destination.name ?? entry.destination;
  const candidates = deck.candidatesFor(called, name, startedAt);
  const winner = candidates.find(({ verdict }) => verdict === 'wins');
  if (winner === undefined) return null;
  return { deck: deck.id, rate: winner.rate, candidates, steps: explainPrice(winner.rate, startedAt, durationMs) };
}

/** The line with its verdicts as the rater has them: what holds a call must have one definition. */
async function lineOf({ db, plan }: LedgerReading, id: string): Promise<LineVerdicts | null> {
  const [line] = await loadLineVerdicts(db, await loadOfferTerms(db, plan), { ids: [id] });
  return line ?? null;
}

/** The condition in force that meters the call, with its span and what shows it. */
async function holdOf({ db }: LedgerReading, line: LineVerdicts, entry: ExplainedEntry): Promise<ExplainedHold | null> {
  const hold = line.holds.find(
    ({ condition, from, to }) => condition === entry.reason && entry.startedAt >= from && entry.startedAt < to,
  );
  if (hold === undefined) return null;
  return { hold, finding: await loadFinding(db, line, hold.period, hold.condition) };
}

/**
 * Decisions that could have metered the call, or set it free: on breaches of its month and of earlier ones, and every
 * reinstatement, which ends holds whatever month it names.
 */
async function decisionsOn(
  { db }: LedgerReading,
  line: LineVerdicts,
  entries: readonly ExplainedEntry[],
): Promise<ExplainedDecision[]> {
  const last = Math.max(...entries.map(({ period }) => period));
  const reasons = new Set(entries.map(({ reason }) => reason));
  const taken = (await decisionsOnLines(db, [line])).get(line.no) ?? [];
  return taken
    .filter(({ condition, period, kind }) => reasons.has(condition) && (period <= last || isReinstatement(kind)))
    .toSorted((a, b) => a.period - b.period);
}

/**
 * Records of calls with this id in quarantine, but for those that were rated since: what waits, what a higher
 * revision replaced, and corrections that say that there was no call. All that is kept is looked through.
 */
async function waitingRecords(q: Queryable, callId: string): Promise<WaitingRecord[]> {
  // The canonical form has the id as JSON writes it; most records are passed over without being read.
  const holding = await quarantinedHolding(q, JSON.stringify(callId));
  return holding.flatMap(({ no, state, reason, detail, cdr }) =>
    cdr !== null && recordedRecord(cdr).callId === callId ? [{ no, state, reason, detail }] : [],
  );
}
