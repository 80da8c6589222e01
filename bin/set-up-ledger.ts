import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ledgerCivilTime, parseOffer, registerDeck } from '../services/index.ts';
import { prepareMonthsAhead } from '../engine/index.ts';
import type { Offer } from '../rules/index.ts';
import {
  addRetroactiveChange,
  calledNumbers,
  latestNumberingPlan,
  loadDeckSchedule,
  loadNumberRepairs,
  loadOffers,
  markAllQuarantineStale,
  markEveryLineStale,
  type Queryable,
  type RatedCalls,
  registerDestinations,
  registerNumberingPlan,
  registerOffer,
  settleFirstHome,
  type Transaction,
} from '../ledger/index.ts';
import { compileNumberRepairs, contentHash, type NumberingPlan } from '../tariffs/index.ts';
import { readNumberingTables } from './load-numbering-plan.ts';
import type { Ledger } from './ledger.ts';
import { plural, showInstant, showPeriod } from './show-values.ts';
import { userName } from './user-name.ts';

const DEFAULT_DECK = new URL('../tariffs/decks/full-illimite-2026.csv', import.meta.url);
const DEFAULT_OFFER = new URL('../rules/offers/full-illimite.json', import.meta.url);

/**
 * Gives a ledger what it can't rate without: the numbering plan's version, the default deck where it has none, the
 * default offer where it has none, and the months of today. Returns a line for each thing that it did; a ledger in
 * use gets none.
 */
export async function setUpLedger(ledger: Pick<Ledger, 'db' | 'plan' | 'engine'>): Promise<string[]> {
  const { db } = ledger;
  const did: string[] = [];
  await settleFirstHome(db);
  const version = numberingPlanVersion();
  const known = await latestNumberingPlan(db);
  if (known?.version !== version) {
    const { plan } = ledger;
    const moved = known === null ? null : await callsElsewhere(db, plan);
    const lines = await ledger.engine.changeCatalogue(async (tx) => {
      await registerNumberingPlan(tx, version);
      await registerDestinations(
        tx,
        plan.destinations.map(({ name }) => name),
      );
      if (known === null) return 0;
      if (moved !== null) await keepPlanChange(tx, version, moved);
      await markAllQuarantineStale(tx);
      return markEveryLineStale(tx);
    });
    did.push(`Numbering plan ${version}: ${plan.destinations.length} destinations`);
    if (lines > 0) did.push(`It is another than before: ${plural(lines, 'line')} will be judged again`);
    if (moved !== null) {
      const from = showInstant(moved.from, await ledgerCivilTime(db));
      did.push(
        `WARNING: ${plural(moved.calls, 'call')} rated already, from ${from} on, go to another destination by it`,
      );
    }
  }
  if ((await loadDeckSchedule(db)).length === 0) {
    const deck = await registerDeck(ledger, fileURLToPath(DEFAULT_DECK), readFileSync(DEFAULT_DECK, 'utf8'), {
      from: -Infinity,
      by: userName(),
      onlyFirst: true,
    });
    if (deck.kind === 'faults') throw new Error(`Cannot read the default deck: ${deck.faults[0]?.message ?? ''}`);
    did.push(`Rate deck ${deck.name}@${deck.version}: ${deck.rates} prices, ${deck.currency}`);
  }
  if ((await loadOffers(db)).length === 0) {
    const offer = readDefaultOffer(ledger.plan);
    await registerOffer(db, offer);
    did.push(`Offer ${offer.id}: ${offer.name}`);
  }
  return [...did, ...(await setUpMonths(ledger))];
}

/** Months are made ahead by whoever may; a role that may not goes on, since calls of a missing month wait for it. */
async function setUpMonths({ db }: Pick<Ledger, 'db'>): Promise<string[]> {
  const { made, missing } = await prepareMonthsAhead(db, Date.now());
  return [
    ...(made.length === 0 ? [] : [`Months made: ${made.map(showPeriod).join(', ')}`]),
    ...(missing.length === 0
      ? []
      : [
          `Months ${missing.map(showPeriod).join(', ')} are missing, and this role may not make them: have their owner run 'fairtally setup'`,
        ]),
  ];
}

/** Calls that were rated, to numbers that the plan has under another destination than they were rated with. */
async function callsElsewhere(q: Queryable, plan: NumberingPlan): Promise<RatedCalls | null> {
  const { prefixes, rules } = await loadNumberRepairs(q);
  const repairs = compileNumberRepairs(plan, prefixes, rules);
  const moved = (await calledNumbers(q)).filter(({ called, destination }) => {
    const step = plan.prefixPath(called)[0] ?? repairs.prefixOf(called);
    return step?.destination.name !== destination;
  });
  if (moved.length === 0) return null;
  return {
    calls: moved.reduce((sum, { calls }) => sum + calls, 0),
    from: moved.reduce((first, { from }) => Math.min(first, from), Infinity),
  };
}

/** A numbering plan comes with the program: who runs the new version is who changes it. */
function keepPlanChange(tx: Transaction, version: string, { calls, from }: RatedCalls): Promise<void> {
  return addRetroactiveChange(tx, {
    kind: 'numbering-plan',
    version,
    reachesBack: from,
    calls,
    takenBy: userName(),
    note: 'another version of the program',
  });
}

/** The offer that a new ledger has. */
export function readDefaultOffer(plan: NumberingPlan): Offer {
  const parsed = parseOffer(readFileSync(DEFAULT_OFFER, 'utf8'), new Set(plan.destinations.map(({ name }) => name)));
  if (parsed.kind === 'faults') throw new Error(`Cannot read the default offer: ${parsed.faults[0]?.problem ?? ''}`);
  return parsed.offer;
}

/** A name for the tables' state: the hash of what they say. */
function numberingPlanVersion(): string {
  const tables = Object.values(readNumberingTables());
  return contentHash(tables.map(({ file, text }) => `${file}\n${text}`).join('\n'));
}
