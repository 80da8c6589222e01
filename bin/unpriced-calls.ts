import { callsPricedAlike } from '../ledger/index.ts';
import type { RateDeck } from '../tariffs/index.ts';
import type { Ledger } from './ledger.ts';
import { plural, showCount } from './show-values.ts';

const SHOWN = 8;

/**
 * Billed calls that a deck has no price for, as a sentence with how many and the destinations with most; `null` when it
 * has one for each.
 */
export async function unpricedCalls({ db }: Pick<Ledger, 'db'>, deck: RateDeck): Promise<string | null> {
  const instants = new Set(deck.rates.flatMap(({ from, to }) => [from, to]).filter(Number.isFinite));
  const byDestination = new Map<string, number>();
  for (const alike of await callsPricedAlike(
    db,
    [...instants].toSorted((a, b) => a - b),
  )) {
    const { called, destination, startedAt, calls } = alike;
    if (deck.rateFor(called, destination, -1, startedAt) !== null) continue;
    byDestination.set(destination, (byDestination.get(destination) ?? 0) + calls);
  }
  if (byDestination.size === 0) return null;
  const most = [...byDestination].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const total = most.reduce((sum, [, calls]) => sum + calls, 0);
  const shown = most.slice(0, SHOWN).map(([destination, calls]) => `'${destination}' ${showCount(calls)}`);
  const more = most.length > SHOWN ? `, and ${plural(most.length - SHOWN, 'more destination')}` : '';
  return `it has no price for ${plural(total, 'call')} of the ledger: ${shown.join(', ')}${more}`;
}
