import type { PricedAlike } from '../ledger/index.ts';
import type { RateTable } from '../tariffs/index.ts';
import { plural, showCount } from './show-values.ts';

const SHOWN = 8;

/**
 * Billed calls that a deck has no price for, as a sentence with how many and the destinations with most; `null` when it
 * has one for each.
 *
 * @param alike the billed calls, cut by the dates of the deck
 */
export function unpricedCalls(alike: readonly PricedAlike[], deck: Pick<RateTable, 'rateFor'>): string | null {
  const byDestination = new Map<string, number>();
  for (const { called, destination, startedAt, calls } of alike) {
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
