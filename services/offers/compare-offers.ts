import { loadOffers } from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { parseOffer } from '../provisioning/parse-offer.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import type { OfferFaults } from './import-offer.ts';

/** An offer: one of the ledger, by its id (the version in use) or as `id@version`; or the text of one. */
export type OfferNamed = { readonly offer: string } | { readonly text: string };

/** One thing that differs. What stands in a list is told by itself: `before` or `after` is `null` where it is not. */
export interface OfferDifference {
  /** Where: `included`, `destinations`; or `conditions`, the id of one, `settings`, `maxNumbers`. */
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** The offer that is named, or every fault of its text. */
export async function findOffer(
  { db, plan }: Pick<LedgerAccess, 'db' | 'plan'>,
  named: OfferNamed,
): Promise<{ readonly kind: 'offer'; readonly offer: Offer } | OfferFaults | Refused> {
  if ('text' in named) return parseOffer(named.text, new Set(plan.destinations.map(({ name }) => name)));
  const wanted = named.offer;
  const found = (await loadOffers(db)).findLast(({ id, version }) => id === wanted || `${id}@${version}` === wanted);
  return found === undefined
    ? refused(refusal('offer-unknown', { offer: wanted }))
    : { kind: 'offer', offer: found.offer };
}

/** What differs when one offer takes the place of another: nothing where both judge every call alike by one name. */
export function compareOffers(before: Offer, after: Offer): readonly OfferDifference[] {
  const { conditions: had, ...old } = before;
  const { conditions: has, ...next } = after;
  return [...differences([], old, next), ...conditionDifferences(had, has)];
}

function conditionDifferences(before: Offer['conditions'], after: Offer['conditions']): OfferDifference[] {
  const old = new Map<string, Offer['conditions'][number]>(before.map((one) => [one.id, one]));
  const next = new Map<string, Offer['conditions'][number]>(after.map((one) => [one.id, one]));
  const all = new Set([...old.keys(), ...next.keys()]);
  const each = [...all].flatMap((id) => differences(['conditions', id], old.get(id) ?? null, next.get(id) ?? null));
  // The first that holds a call names the reason: their order counts.
  const kept = [...old.keys()].filter((id) => next.has(id));
  const order = [...next.keys()].filter((id) => old.has(id));
  if (kept.join() === order.join()) return each;
  return [...each, { path: ['conditions'], before: kept, after: order }];
}

function differences(path: readonly string[], before: unknown, after: unknown): OfferDifference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const gone = before.filter((one) => !after.includes(one)).map((one) => ({ path, before: one, after: null }));
    return [
      ...gone,
      ...after.filter((one) => !before.includes(one)).map((one) => ({ path, before: null, after: one })),
    ];
  }
  if (!isRecord(before) || !isRecord(after)) return [{ path, before: before ?? null, after: after ?? null }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences([...path, name], before[name], after[name]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
