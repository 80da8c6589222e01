import type { PricedAlike } from '../../ledger/index.ts';
import type { RateTable } from '../../tariffs/index.ts';

/** Billed calls that a deck has no price for. */
export interface UnpricedCalls {
  readonly calls: number;
  /** Those with most calls first. */
  readonly destinations: readonly { readonly destination: string; readonly calls: number }[];
}

/**
 * Billed calls that a deck has no price for; `null` when it has one for each.
 *
 * @param alike the billed calls, cut by the dates of the deck
 */
export function unpricedCalls(alike: readonly PricedAlike[], deck: Pick<RateTable, 'rateFor'>): UnpricedCalls | null {
  const byDestination = new Map<string, number>();
  for (const { called, destination, startedAt, calls } of alike) {
    if (deck.rateFor(called, destination, -1, startedAt) !== null) continue;
    byDestination.set(destination, (byDestination.get(destination) ?? 0) + calls);
  }
  if (byDestination.size === 0) return null;
  const most = [...byDestination].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return {
    calls: most.reduce((sum, [, calls]) => sum + calls, 0),
    destinations: most.map(([destination, calls]) => ({ destination, calls })),
  };
}
