import {
  deleteConsumer,
  type FeedConsumer,
  type Queryable,
  feedEnd,
  readConsumers,
  repeatWhileCut,
  saveConsumer,
} from '../../ledger/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { startingAt } from './feed-part.ts';

/** A consumer of the feed, and how far behind it is. */
export interface ConsumerLag {
  readonly kind: 'consumer';
  readonly name: string;
  readonly cursor: string;
  readonly reportedBy: string;
  /** ms since the epoch. */
  readonly reportedAt: number;
  /** Entries of the ledger that come after its cursor; `null`: the cursor is of another life of the ledger. */
  readonly lag: number | null;
  /** When the ledger was looked at, ms since the epoch. */
  readonly asOf: number;
}

const NAME = /^[\w.-]{1,100}$/;

/** Keeps how far a consumer of the feed says that it is. It needs not say so: the feed is the same for all who ask. */
export function reportConsumer(
  q: Queryable,
  { name, cursor, by }: { readonly name: string; readonly cursor: string; readonly by: string },
): Promise<ConsumerLag | Refused> {
  return repeatWhileCut(async () => {
    if (!NAME.test(name)) return refused(refusal('consumer-unusable', { name }));
    const at = startingAt(cursor, await feedEnd(q), null);
    if ('code' in at) return at;
    await saveConsumer(q, { name, cursor, ...at, reportedBy: by });
    const found = (await listConsumers(q)).find((each) => each.name === name);
    if (found === undefined) throw new Error(`Cannot find consumer '${name}', which was just kept`);
    return found;
  });
}

/** Forgets a consumer that reads the feed no more, so that nobody watches it; returns how it last was. */
export function forgetConsumer(q: Queryable, name: string): Promise<ConsumerLag | Refused> {
  return repeatWhileCut(async () => {
    const found = (await listConsumers(q)).find((each) => each.name === name);
    if (found === undefined || !(await deleteConsumer(q, name))) return refused(refusal('consumer-unknown', { name }));
    return found;
  });
}

/** All consumers that ever reported and were not forgotten since, by name. */
export function listConsumers(q: Queryable): Promise<ConsumerLag[]> {
  return repeatWhileCut(async () => {
    const consumers = await readConsumers(q);
    const { life, positions, asOf } = await feedEnd(q);
    return consumers.map((consumer) => ({
      kind: 'consumer',
      name: consumer.name,
      cursor: consumer.cursor,
      reportedBy: consumer.reportedBy,
      reportedAt: consumer.reportedAt,
      lag: consumer.life === life ? lagOf(consumer, positions) : null,
      asOf,
    }));
  });
}

function lagOf({ positions: own }: FeedConsumer, positions: readonly number[]): number {
  return positions.reduce((sum, position, bucket) => sum + Math.max(0, position - (own[bucket] ?? 0)), 0);
}
