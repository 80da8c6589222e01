import { type Queryable, type LedgerLife, markLifePublished, unpublishedLives } from '../ledger/index.ts';
import { instantText } from '../engine/index.ts';
import { sourceOf } from './event-sources.ts';
import type { RelayProducer } from './relay-producer.ts';

/**
 * Publishes to every partition of both topics that the ledger was restored, before anything else of its new life: what
 * readers must drop stands in the event. At least once, as all events.
 */
export async function publishLives(q: Queryable, producer: RelayProducer, lives: readonly LedgerLife[]): Promise<void> {
  const unpublished = new Set(await unpublishedLives(q));
  for (const [index, life] of lives.entries()) {
    const before = lives[index - 1];
    if (before === undefined || !unpublished.has(life.no)) continue;
    await producer.sendToAll(restoredEvent(life, before));
    await markLifePublished(q, life.no);
  }
}

/** The event that begins a life: of the one before, what comes after these numbers is not in the ledger. */
export function restoredEvent(life: LedgerLife, before: LedgerLife): object {
  return {
    specversion: '1.0',
    id: `life-${life.no}`,
    source: sourceOf(life),
    type: 'ledger.restored',
    subject: life.id,
    time: instantText(life.begunAt),
    data: {
      ledger: life.id,
      before: before.id,
      buckets: [...life.starts]
        .toSorted(([a], [b]) => a - b)
        .map(([bucket, { position, event }]) => ({ bucket, position, event })),
    },
  };
}
