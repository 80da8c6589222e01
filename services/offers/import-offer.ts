import {
  callsUnderOffer,
  countStaleLines,
  type Head,
  loadOffers,
  markLinesOfOfferStale,
  offerVersion,
  type Queryable,
  type RatedCalls,
  readHeads,
  registerOffer,
} from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import { type NumberingPlan, compileCivilTime } from '../../tariffs/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type OfferFault, parseOffer } from '../provisioning/parse-offer.ts';
import { type Refused, refusal, refused, refusedFor } from '../refusals.ts';
import { keepReachBack, retroactiveFaults, type RetroactiveRequest } from '../retroactive.ts';
import { showInstant } from '../value-text.ts';
import { unlessWithdrawn, withdraw } from '../withdraw.ts';

/** An offer that somebody imports. */
export interface OfferImport extends RetroactiveRequest {
  /** What the text is called in refusals. */
  readonly file: string;
  readonly text: string;
}

export interface ImportedOffer {
  readonly kind: 'imported';
  readonly id: string;
  readonly version: string;
  readonly name: string;
  /** Whether this very version was in use already, and whether the ledger had it before. */
  readonly isInUse: boolean;
  readonly wasKnown: boolean;
  /** All lines that wait to be judged again, those of earlier changes too: `rateAgain` does. */
  readonly staleLines: number;
}

/** Nothing of the offer was registered: every fault of its text. */
export interface OfferFaults {
  readonly kind: 'faults';
  readonly faults: readonly OfferFault[];
}

/**
 * What is wrong with an import whatever the ledger holds; `null`: nothing.
 *
 * @param beside offers that the ledger has
 */
export function checkOfferImport(
  request: OfferImport,
  plan: NumberingPlan,
  beside: readonly Offer[] = [],
): Refused | OfferFaults | null {
  const read = readImport(request, plan);
  return read.kind === 'offer' ? refusedOtherZone(read.offer, beside) : read;
}

/**
 * Checks an offer and registers it; lines that have it are marked to be judged again by it. An offer has no dates:
 * another version of one that calls were rated under changes what is rated, and is refused unless the request says
 * otherwise.
 */
export async function importOffer(
  ledger: LedgerAccess,
  request: OfferImport,
): Promise<ImportedOffer | OfferFaults | Refused> {
  const read = readImport(request, ledger.plan);
  if (read.kind !== 'offer') return read;
  const { offer } = read;
  const { id, name } = offer;
  const version = offerVersion(offer);
  const known = await loadOffers(ledger.db);
  const inUse = known.findLast((other) => other.id === id) ?? null;
  if (inUse?.version === version) {
    // What a process that was killed in between has left waits still.
    const staleLines = await countStaleLines(ledger.db);
    return { kind: 'imported', id, version, name, isInUse: true, wasKnown: true, staleLines };
  }
  const otherZone = refusedOtherZone(
    offer,
    known.map((other) => other.offer),
  );
  if (otherZone !== null) return otherZone;
  const staleLines = await unlessWithdrawn(() => register(ledger, request, offer, inUse?.offer ?? null));
  if (typeof staleLines !== 'number') return staleLines;
  const wasKnown = known.some((other) => other.version === version);
  return { kind: 'imported', id, version, name, isInUse: false, wasKnown, staleLines };
}

/** Returns how many lines are to be judged again by it. */
async function register(
  { db, engine }: LedgerAccess,
  request: OfferImport,
  offer: Offer,
  inUse: Offer | null,
): Promise<number> {
  const heads = await readHeads(db);
  const reachOf = async (q: Queryable, since?: readonly Head[]): Promise<RatedCalls | null> => {
    const reach = isJudgedAlike(inUse, offer) ? null : await callsUnderOffer(q, offer.id, since);
    return reach === null || request.retroactive === true ? reach : withdraw(refusedReach(request, offer, reach));
  };
  const reach = await reachOf(db);
  return engine.changeCatalogue(async (tx) => {
    // Calls may have been rated since.
    const reached = reach ?? (await reachOf(tx, heads));
    await keepReachBack(tx, 'offer', `${offer.id}@${offerVersion(offer)}`, reached, request);
    await registerOffer(tx, offer);
    return markLinesOfOfferStale(tx, offer.id);
  });
}

function readImport(
  request: OfferImport,
  plan: NumberingPlan,
): { readonly kind: 'offer'; readonly offer: Offer } | OfferFaults | Refused {
  const wrong = refusedFor(retroactiveFaults('import an offer', request));
  if (wrong !== null) return wrong;
  return parseOffer(request.text, new Set(plan.destinations.map(({ name }) => name)));
}

/** Whether two versions of an offer judge every call alike: only what it is called differs. */
function isJudgedAlike(before: Offer | null, after: Offer): boolean {
  return before !== null && offerVersion({ ...before, name: '' }) === offerVersion({ ...after, name: '' });
}

function refusedReach({ file }: OfferImport, { id, timeZone }: Offer, { calls, from }: RatedCalls): Refused {
  const since = showInstant(from, compileCivilTime(timeZone));
  return refused(refusal('offer-rejudges-calls', { file, calls: String(calls), offer: id, from: since }));
}

/** Periods are one calendar for the whole ledger. */
function refusedOtherZone({ id: offer, timeZone: zone }: Offer, known: readonly Offer[]): Refused | null {
  const other = known.find(({ timeZone }) => timeZone !== zone);
  if (other === undefined) return null;
  return refused(refusal('offer-time-zone-differs', { offer, zone, other: other.id, otherZone: other.timeZone }));
}
