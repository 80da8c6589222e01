import {
  callsOnceRated,
  callsPricedAlike,
  callsPricedAlikeSince,
  loadDeckSchedule,
  loadRateDecks,
  type OnceRated,
  type PricedAlike,
  type Queryable,
  readHeads,
} from '../../ledger/index.ts';
import {
  type Deck,
  type DeckScheduleEntry,
  type NumberingPlan,
  compileCivilTime,
  compileDeck,
  compileDeckSchedule,
  deckSpans,
  entriesToSchedule,
  parseDay,
  spanAt,
} from '../../tariffs/index.ts';
import { showDay } from '../cases/evidence-text.ts';
import type { LedgerAccess, LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused, refusedFor } from '../refusals.ts';
import { keepReachBack, retroactiveFaults, type RetroactiveRequest } from '../retroactive.ts';
import { moneyText, showInstant } from '../value-text.ts';
import { unlessWithdrawn, withdraw } from '../withdraw.ts';
import { type DeckReachBack, datesOf, deckReachBack, isRepriced } from './reach-back.ts';
import { type ReadSpan, ScheduleReader } from './read-schedule.ts';
import { type DeckEntry, type DeckFaults, type RegisteredDeck, readDeck, registerReadDeck } from './register-deck.ts';
import { type UnpricedCalls, unpricedCalls } from './unpriced-calls.ts';

/** A deck that somebody imports. */
export interface DeckImport extends RetroactiveRequest {
  /** What the text is called in faults, and the deck where it does not name itself. */
  readonly file: string;
  readonly text: string;
  /**
   * The civil day, in the deck's zone, from which on it prices calls: `2026-12-01`; or `ever`. For all calls where
   * nothing is said.
   */
  readonly from?: string | undefined;
  /** Import it though calls of the ledger have no price in it: they go to quarantine, if it may reach back, too. */
  readonly allowUnpriced?: boolean | undefined;
}

export interface ImportedDeck extends Omit<RegisteredDeck, 'kind'> {
  readonly kind: 'imported';
  /** It prices the calls that start `[from, to)`, ms since the epoch; `±Infinity` where it is open. */
  readonly from: number;
  readonly to: number;
}

/** What is wrong with an import whatever the ledger holds; `null`: nothing. */
export function checkDeckImport(request: DeckImport, plan: NumberingPlan): Refused | DeckFaults | null {
  const read = readImport(request, plan);
  return read.kind === 'read' ? null : read;
}

/**
 * Checks a rate deck, registers it and schedules it, after which it prices the calls that start from a day on, or all
 * of them, those rated before too: they are marked, and `rateAgain` prices them. One that has no price for such calls
 * of the ledger is refused, and so is one that changes prices of the past, unless the request says otherwise.
 */
export async function importDeck(
  ledger: LedgerAccess,
  request: DeckImport,
): Promise<ImportedDeck | DeckFaults | Refused> {
  const read = readImport(request, ledger.plan);
  if (read.kind !== 'read') return read;
  const { deck, from } = read;
  const checked = await checkAgainstLedger(ledger, request, deck, from);
  if (typeof checked !== 'function') return checked;
  const entry: DeckEntry = { from, by: request.by, alsoInTransaction: checked };
  const outcome = await unlessWithdrawn(() => registerReadDeck(ledger, deck, request.text, entry));
  if (outcome.kind !== 'deck') return outcome;
  const spans = deckSpans(await loadDeckSchedule(ledger.db), 'call-start');
  const since = from ?? -Infinity;
  return { ...outcome, kind: 'imported', from: since, to: spanAt(spans, since)?.to ?? Infinity };
}

interface ReadImport {
  readonly kind: 'read';
  readonly deck: Deck;
  /** ms since the epoch, `-Infinity` for `ever`; `null`: for all calls. */
  readonly from: number | null;
}

function readImport(request: DeckImport, plan: NumberingPlan): ReadImport | DeckFaults | Refused {
  const { file, text, from } = request;
  const wrong = refusedFor(retroactiveFaults('import a deck', request));
  if (wrong !== null) return wrong;
  const checked = readDeck(text, file, plan);
  if (checked.kind === 'faults') return checked;
  const { deck } = checked;
  if (from === undefined) return { kind: 'read', deck, from: null };
  const instant = from === 'ever' ? -Infinity : parseDay(from, compileCivilTime(deck.timeZone));
  return instant === null ? refused(refusal('day-unreadable', { from })) : { kind: 'read', deck, from: instant };
}

/**
 * Refuses a deck without prices for calls of the ledger, or that changes prices of the past, unless it was asked for.
 * What is charged for a rated call changes by either: `allowUnpriced` says that calls may go to quarantine, and
 * `retroactive`, with the note that is kept, that what was rated may change. Returns what to check and keep in the
 * transaction that schedules it: calls may have been rated since, and another deck may be scheduled.
 */
async function checkAgainstLedger(
  { db, plan }: LedgerReading,
  request: DeckImport,
  deck: Deck,
  from: number | null,
): Promise<NonNullable<DeckEntry['alsoInTransaction']> | Refused> {
  const { file } = request;
  const schedule = await loadDeckSchedule(db);
  const schedules = await schedulesOf(db, file, deck, schedule, from);
  if (schedules.kind === 'refused') return schedules;
  const { before, after } = schedules;
  const rates = compileDeckSchedule(after);
  const dates = datesOf([...before, ...after]);
  const heads = await readHeads(db);
  const now = Date.now();
  const check = (alike: readonly PricedAlike[], once: readonly OnceRated[]): DeckReachBack | Refused | null => {
    const repriced = alike.filter(({ startedAt }) => isRepriced({ before, after }, startedAt));
    const unpriced = unpricedCalls(repriced, rates);
    if (unpriced !== null && request.allowUnpriced !== true) return refusedUnpriced(file, unpriced);
    const reach = deckReachBack({ before, after, alike, once, plan, timeZone: deck.timeZone, now });
    return reach === null || request.retroactive === true ? reach : refusedReach(file, deck, reach);
  };
  const reach = check(await callsPricedAlike(db, dates), await callsOnceRated(db));
  if (reach?.kind === 'refused') return reach;
  return async (tx, version, scheduleThen) => {
    if (scheduleThen.at(-1)?.no !== schedule.at(-1)?.no) withdraw(refused(refusal('schedule-moved', { file })));
    const since = check(await callsPricedAlikeSince(tx, dates, heads), await callsOnceRated(tx));
    if (since?.kind === 'refused') return withdraw(since);
    await keepReachBack(tx, 'rate-deck', version, reach ?? since, request);
  };
}

interface Schedules {
  readonly kind: 'schedules';
  readonly before: readonly ReadSpan[];
  readonly after: readonly ReadSpan[];
}

/** The schedule as it is, and as it is to be; refuses what nobody could tell the meaning of. */
async function schedulesOf(
  q: Queryable,
  file: string,
  deck: Deck,
  schedule: readonly DeckScheduleEntry[],
  from: number | null,
): Promise<Schedules | Refused> {
  const registered = await loadRateDecks(q);
  const { version } = compileDeck(deck);
  const deckNo = registered.find((known) => known.name === deck.name && known.version === version)?.no ?? NEW_DECK;
  const reader = new ScheduleReader(registered);
  reader.add(deckNo, deck);
  const before = reader.read(schedule);
  if (from === null && before.length > 1) {
    return refused(refusal('several-decks-scheduled', { file, decks: before.map(spanText).join(', ') }));
  }
  const after = reader.read([...schedule, ...entriesToSchedule(schedule, deckNo, from)]);
  return refusedOtherMeasure(file, deck, after) ?? { kind: 'schedules', before, after };
}

function spanText({ rates, from, deck: { timeZone } }: ReadSpan): string {
  return `'${rates.id}' from ${from === -Infinity ? 'ever' : showDay(from, compileCivilTime(timeZone))} on`;
}

/** Charges of a month are added up; and of two decks for one day one takes the place of the other, at one instant. */
function refusedOtherMeasure(file: string, deck: Deck, scheduled: readonly ReadSpan[]): Refused | null {
  const { currency, timeZone } = deck;
  const inOtherCurrency = scheduled.find((span) => span.deck.currency !== currency);
  if (inOtherCurrency !== undefined) {
    const other = { other: inOtherCurrency.rates.id, otherCurrency: inOtherCurrency.deck.currency };
    return refused(refusal('deck-currency-differs', { file, currency, ...other }));
  }
  const inOtherZone = scheduled.find((span) => span.deck.timeZone !== timeZone);
  if (inOtherZone === undefined) return null;
  const other = { other: inOtherZone.rates.id, otherZone: inOtherZone.deck.timeZone };
  return refused(refusal('deck-time-zone-differs', { file, zone: timeZone, ...other }));
}

/** Of a deck that the ledger does not have yet: its numbers begin with 1. */
const NEW_DECK = 0;

/** How many destinations a refusal names. */
const NAMED = 8;

function refusedUnpriced(file: string, { calls, destinations }: UnpricedCalls): Refused {
  const named = destinations.slice(0, NAMED).map(({ destination, calls: count }) => `'${destination}' ${count}`);
  const others = destinations.length - named.length;
  const listed = [...named, ...(others === 0 ? [] : [`and ${others} more`])].join(', ');
  return refused(refusal('calls-unpriced', { file, calls: String(calls), destinations: listed }));
}

function refusedReach(file: string, { timeZone }: Deck, reach: DeckReachBack): Refused {
  const civilTime = compileCivilTime(timeZone);
  const from = showInstant(reach.from, civilTime);
  if (reach.kind === 'past') {
    const { key, isRemoved, prices } = reach;
    const values = { file, key, from, prices: String(prices), to: showInstant(reach.to, civilTime) };
    return refused(refusal(isRemoved ? 'deck-removes-past-prices' : 'deck-changes-past-prices', values));
  }
  const { calls, price, currency } = reach;
  const values = { file, calls: String(calls), from, price: moneyText(price), currency };
  return refused(refusal(reach.kind === 'rated' ? 'deck-reprices-calls' : 'deck-reprices-waiting-calls', values));
}
