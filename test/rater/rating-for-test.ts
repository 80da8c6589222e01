import { loadNumberingPlan } from '../../bin/load-numbering-plan.ts';
import {
  LineState,
  compileOffer,
  factSpansOf,
  rateCall,
  type Cdr,
  type CompiledOffer,
  type Directory,
  type Line,
  type LineSpan,
  type RatedCall,
  type RatingContext,
} from '../../rater/index.ts';
import type { Effect, Offer, OfferCondition } from '../../rules/index.ts';
import { compileCivilTime, type Destination, type RateDeck } from '../../tariffs/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { rateDeckOf } from '../tariffs/decks/deck-for-test.ts';

/** The product's own numbering plan and civil time, and its first offer. */
export const plan = loadNumberingPlan();
export const civilTime = compileCivilTime('Europe/Paris');
export const offers: ReadonlyMap<string, CompiledOffer> = offersOf(fullIllimite());

/** Started minutes at a few prices; `Etats Unis Fixe` has none. */
export const smallDeck: RateDeck = rateDeckOf(`destination,price_per_minute,connection_charge
France Fixe,0.02,
France Fixe OBL,0.02,
SVA banalisé,0.02,
France Mobile,0.09,
Espagne Fixe,0.04,
Espagne Mobile,0.25,0.10
Barbade,0.24,
SVA majoré 089,0.66,
numéro court généraliste,0.50,
`);

/** Offers compiled against the plan, numbered from 1, by id. */
export function offersOf(...given: readonly Offer[]): ReadonlyMap<string, CompiledOffer> {
  return new Map(given.map((offer, index) => [offer.id, compileOffer(offer, index + 1, plan.destinations)]));
}

/** Full Illimité under another id, with the effect of one condition changed. */
export function offerWithEffect(id: string, condition: OfferCondition['id'], change: Partial<Effect>): Offer {
  const offer = fullIllimite();
  const conditions = offer.conditions.map((one) =>
    one.id === condition ? { ...one, effect: { ...one.effect, ...change } } : one,
  );
  return { ...offer, id, conditions };
}

/** An instant from Paris clock time, `2026-11-03 10:15` with optional `:ss` and `.mmm`. ms since the epoch. */
export function at(parisTime: string): number {
  const [date, time = '00:00'] = parisTime.split(' ');
  const seconds = time.length === 5 ? `${time}:00` : time;
  const local = Date.parse(`${date}T${seconds}Z`);
  if (Number.isNaN(local)) throw new Error(`Cannot read Paris time '${parisTime}'`);
  return civilTime.instantOfLocal(local);
}

/** A call of line L1 to a national mobile, 61 s, in November 2026, with the given differences. */
export function cdr(given: Partial<Cdr> = {}): Cdr {
  return {
    switchId: 'sbc-1',
    callId: 'c1',
    legId: '',
    revision: 0,
    line: 'L1',
    dialled: '+33612345678',
    calling: null,
    startedAt: at('2026-11-03 10:15'),
    durationMs: 61_000,
    userAgent: null,
    sourceIp: null,
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    recordBuffer: Buffer.alloc(0),
    recordStart: 0,
    recordEnd: 0,
    ...given,
  };
}

/** Facts of a business line under Full Illimité, for ever, with the given differences. */
export function span(given: Partial<LineSpan> = {}): LineSpan {
  return {
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    number: null,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'unknown',
    equipment: 'unknown',
    ...given,
  };
}

/** A line of account A1 with these facts. */
export function line(id: string, given: Partial<Omit<Line, 'id'>> = {}): Line {
  return { id, account: 'A1', spans: [span()], devices: [], networks: [], ...given };
}

let lastLineNo = 0;

/** The same line as the rater holds it, without months, decisions or holds. */
export function lineState(given: Line, known: ReadonlyMap<string, CompiledOffer> = offers): LineState {
  lastLineNo += 1;
  return new LineState({ id: given.id, no: lastLineNo, account: 1, bucket: 0 }, factSpansOf(given, known));
}

/** What rating looks at besides the call. */
export function contextOf(directory: Directory, deck: RateDeck = smallDeck): RatingContext {
  return { plan, deck, directory, civilTime };
}

/** The rated call of a record that can be rated. */
export function ratedOf(record: Cdr, context: RatingContext): RatedCall {
  const rated = rateCall(record, context);
  if (typeof rated === 'string') throw new Error(`Cannot rate call '${record.callId}': '${rated}'`);
  return rated;
}

/** The plan's destination of that name. */
export function destinationNamed(name: string): Destination {
  const found = plan.destinations.find((destination) => destination.name === name);
  if (found === undefined) throw new Error(`Cannot find destination '${name}'`);
  return found;
}
