import type { RereadStretch } from '../ledger/index.ts';
import type { Decoded } from './formats/format.ts';

/** Where a record stood before it was handed on by way of the re-keying topic. */
export interface RecordOrigin {
  readonly source: string;
  readonly partition: number;
  readonly format: string;
}

/** A record as it was delivered: what it says, where it stood, and its bytes. */
export interface DeliveredRecord {
  readonly decoded: Decoded;
  /** Position in the source: byte offset in a file, offset of its message in a Kafka partition. */
  readonly position: number;
  /** Which of the records at that position, from 0 (which is meant where it is left out): a message may hold many. */
  readonly item?: number;
  /** The source that `position` and `item` are of, where it is not the delivery's. */
  readonly origin?: RecordOrigin;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Records of one stretch of a source, to be taken in by one transaction, and where that stretch begins and ends. */
export interface Delivery {
  readonly source: string;
  readonly partition: number;
  readonly format: string;
  readonly from: number;
  readonly to: number;
  /** SHA-256 of the source's first `to` bytes, for files; `null` for sources that can't be compared. */
  readonly prefixHash: string | null;
  readonly records: readonly DeliveredRecord[];
  /** What was read before and is read once more: what could not be read of it waits no longer. */
  readonly rereads?: RereadStretch;
}

/** A delivery whose records are decoded once they are asked for: by the engine, while the database is busy. */
export function lazyDelivery(stretch: Omit<Delivery, 'records'>, decode: () => readonly DeliveredRecord[]): Delivery {
  let records: readonly DeliveredRecord[] | null = null;
  return {
    ...stretch,
    get records() {
      return (records ??= decode());
    },
  };
}
