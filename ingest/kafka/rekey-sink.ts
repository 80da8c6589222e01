import { type Database, addCounts, addQuarantine, advanceSource } from '../../ledger/index.ts';
import { type DeliveredRecord, LegBatch, type RecordOrigin } from '../../engine/index.ts';
import type { MessageReader } from './message-reader.ts';
import { tallyOf } from './offset-tally.ts';
import type { PartitionSink, PartitionSlice } from './partition-sink.ts';
import type { RekeyDirectory } from './rekey-directory.ts';
import type { RekeyProducer } from './rekey-producer.ts';
import {
  type RekeyedRecords,
  provenanceIn,
  rekeyRecords,
  type Route,
  routeByIdentity,
  routeByOwner,
} from './rekey-records.ts';
import { readPart } from './slice-parts.ts';
import { sourceOfRekeying, sourceOfTopic } from './source-names.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A slice that failed so often may hold a record whose owner can't be asked for. */
const SUSPICIOUS_FAILURES = 2;

export interface RekeySinkParts {
  readonly db: Database;
  readonly directory: RekeyDirectory;
  readonly producer: Pick<RekeyProducer, 'send'>;
  /** By topic. */
  readonly readers: ReadonlyMap<string, MessageReader>;
  /** How many partitions the re-keyed topic has. */
  readonly partitions: number;
  readonly metrics: WorkerMetrics;
}

/**
 * Re-keys slices: calls are written to the re-keyed topic first, then the position moves on, compared and swapped, in
 * one transaction with what became of the other records. A crash in between has the calls written again, which their
 * identity makes safe; the others are settled exactly once.
 */
export class RekeySink implements PartitionSink {
  readonly #parts: RekeySinkParts;
  /** Settles when the slices given so far are taken: one after the other, so that positions move in their order. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(parts: RekeySinkParts) {
    this.#parts = parts;
  }

  /** A re-keyer's position is not that of a rated source: the same topic may have been rated from before. */
  sourceOf(topic: string): string {
    return sourceOfRekeying(topic);
  }

  take(slice: PartitionSlice, failures: number): Promise<void> {
    const taken = this.#tail.then(() => this.#take(slice, failures));
    this.#tail = taken.catch(() => undefined);
    return taken;
  }

  onAssigned(): void {}

  restMs(): number {
    return 0;
  }

  async #take(slice: PartitionSlice, failures: number): Promise<void> {
    const { producer, readers, metrics } = this.#parts;
    const { topic, partition, messages } = slice;
    const reader = readers.get(topic);
    if (reader === undefined) throw new Error(`Cannot re-key topic '${topic}': it was not configured`);
    const origin = { source: sourceOfTopic(topic), partition, format: reader.format };
    for (let first = 0, from = slice.from; first < messages.length || first === 0;) {
      const part = readPart(slice, reader, first, from);
      const { records, repeats } =
        reader.hasLegs === true ? await this.#keepLegs(part.records, origin) : { records: part.records, repeats: NONE };
      const rekeyed = rekeyRecords(records, origin, await this.#route(failures));
      await producer.send(rekeyed, origin);
      const counted = { ...rekeyed, counts: withRepeats(rekeyed.counts, repeats) };
      const counts = await this.#advance({ ...slice, from, to: part.to }, origin, counted);
      metrics.countRecords(topic, new Map([...counts, ['rekeyed\t', rekeyed.handedOn]]));
      metrics.countEmptyMessages(topic, part.emptyMessages);
      if (part.next >= messages.length) return;
      first = part.next;
      from = part.to;
    }
  }

  /**
   * Keeps the legs before anything of them is told: what is told of a call has a revision by the legs that the ledger
   * has. A crash before the position moves on finds them known, and tells all of their calls again.
   */
  #keepLegs(
    given: readonly DeliveredRecord[],
    origin: RecordOrigin,
  ): Promise<{ readonly records: readonly DeliveredRecord[]; readonly repeats: ReadonlyMap<string, number> }> {
    return this.#parts.db.transaction(async (tx) => {
      const legs = LegBatch.of(given, true);
      await legs.lock(tx, false, { own: NO_VERSIONS });
      const repeats = await legs.setUndecidedAside(tx, (record) => provenanceIn(record, origin));
      await legs.store(tx);
      return { records: legs.records, repeats };
    });
  }

  async #route(failures: number): Promise<Route> {
    const { directory, partitions } = this.#parts;
    if (failures >= SUSPICIOUS_FAILURES) return routeByIdentity(partitions);
    return routeByOwner(await directory.current(), partitions);
  }

  #advance(
    { topic, partition, from, to, messages, empty = [], moves }: PartitionSlice,
    origin: RecordOrigin,
    { quarantine, counts }: RekeyedRecords,
  ): Promise<ReadonlyMap<string, number>> {
    const advance = {
      source: this.sourceOf(topic),
      partition,
      from,
      to,
      prefixHash: null,
      tally: tallyOf(messages, empty, { from, to }),
      ...(moves === undefined ? {} : { moves }),
    };
    return this.#parts.db.transaction(async (tx) => {
      await advanceSource(tx, advance);
      const settled = withRepeats(counts, await addQuarantine(tx, quarantine));
      await addCounts(tx, origin.source, settled);
      return settled;
    });
  }
}

const NONE: ReadonlyMap<string, number> = new Map();
const NO_VERSIONS: ReadonlyMap<number, ReadonlySet<number>> = new Map();

/** Records that could not be read and are kept already are duplicates. */
function withRepeats(
  counts: ReadonlyMap<string, number>,
  repeats: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const all = new Map(counts);
  const count = (key: string, records: number): void => void all.set(key, (all.get(key) ?? 0) + records);
  for (const [reason, records] of repeats) {
    count(`quarantined\t${reason}`, -records);
    count('duplicate\t', records);
  }
  return all;
}
