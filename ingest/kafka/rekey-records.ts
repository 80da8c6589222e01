import {
  BUCKET_COUNT,
  type Cdr,
  type Directory,
  type LineState,
  type NoCall,
  isNoCall,
  ownerOf,
  partiesOf,
} from '../../rater/index.ts';
import type { NewQuarantinedRecord, Receipt } from '../../ledger/index.ts';
import {
  type DeliveredRecord,
  type LegReadingChange,
  type RecordOrigin,
  identityOf,
  type Provenance,
  unreadableRecord,
} from '../../engine/index.ts';
import { type Decoded, encodeCanonical } from '../../formats/index.ts';
import { type FramedRecord, MessageFrame } from '../../kafka/index.ts';
import { CHANGES } from './change-header.ts';
import { receiptHeaders } from './receipt-headers.ts';

/**
 * A message is closed at this size. Brokers take a little over 1 MiB for all messages of a partition in one request, so
 * that a request has one message a partition; larger ones save nothing.
 */
const MESSAGE_BYTES = 393_216;
/**
 * A longer record is handed on in its canonical form alone, so that one never fills a message beyond what brokers
 * take.
 */
const MOST_RECORD_BYTES = 131_072;

/** The partition of the re-keyed topic that a call goes to. */
export type Route = (cdr: Cdr | NoCall) => number;

/** What becomes of records of a topic that is not keyed by account. */
export interface RekeyedRecords {
  /** Requests to be sent one after the other, each with one message a partition at most. */
  readonly requests: readonly (readonly RekeyedMessage[])[];
  /** What could not be read: it has no account to go to. Legs that can't be decided are counted alone. */
  readonly quarantine: readonly NewQuarantinedRecord[];
  /** Of the records that go no further, by outcome and reason joined by a tab. */
  readonly counts: ReadonlyMap<string, number>;
  /** Calls handed on. */
  readonly handedOn: number;
}

export interface RekeyedMessage {
  readonly partition: number;
  readonly value: Buffer;
  /** What its headers say of its records. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Calls go to the partition of the account that pays, as rating finds it, so that one worker rates all calls of an
 * account. The directory may be stale, or the line not be there yet: then a call comes to a worker whose memory
 * another one shares, which costs time only, for the ledger's heads keep both right. Records of one call that is
 * nobody's stay together.
 */
export function routeByOwner(directory: Directory, partitions: number): Route {
  const byIdentity = routeByIdentity(partitions);
  return (cdr) => {
    const line = isNoCall(cdr) ? lineNamed(cdr, directory) : ownerOf(cdr, directory)?.line;
    return line === undefined ? byIdentity(cdr) : line.bucket % partitions;
  };
}

/** A line that the correction names, so that it meets most often the call that it corrects: it may name no start. */
function lineNamed(cdr: NoCall, directory: Directory): LineState | undefined {
  return partiesOf(cdr)
    .flatMap((party) => directory.everNamed(party))
    .at(0);
}

/** Without asking whose a call is. */
export function routeByIdentity(partitions: number): Route {
  return (cdr) => (identityOf(cdr).low >>> 0) % partitions;
}

/** Whether each partition of a topic of so many has whole buckets, each bucket in one partition. */
export function dividesBuckets(partitions: number): boolean {
  return partitions > 0 && BUCKET_COUNT % partitions === 0;
}

/**
 * Sorts records of one partition of a source: calls by the partition they go to, as messages of many; what is no call
 * is counted here, and what can't be read is for quarantine.
 */
export function rekeyRecords(records: readonly DeliveredRecord[], origin: RecordOrigin, route: Route): RekeyedRecords {
  const outgoing = new OutgoingMessages();
  const quarantine: NewQuarantinedRecord[] = [];
  const counts = new Map<string, number>();
  let handedOn = 0;
  for (const record of records) {
    const { decoded, correction } = record;
    if (correction !== undefined) {
      outgoing.addChange(route(correction.now), framedChange(correction), record.receipt ?? null);
      continue;
    }
    const cdr = handedOnOf(decoded);
    if (cdr !== null) {
      outgoing.add(route(cdr), framedOf(record, cdr), record.receipt ?? null);
      handedOn++;
      continue;
    }
    if (decoded.kind === 'call') continue;
    count(counts, 'received\t');
    if (decoded.kind === 'not-a-call') count(counts, `not-a-call\t${decoded.reason}`);
    else {
      count(counts, `quarantined\t${decoded.reason}`);
      if (decoded.leg === undefined) quarantine.push(unreadableRecord(provenanceIn(record, origin), decoded));
    }
  }
  return { requests: outgoing.take(), quarantine, counts, handedOn };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Calls, and corrections that say that there was none, are for the worker that rates the account. */
function handedOnOf(decoded: Decoded): Cdr | NoCall | null {
  if (decoded.kind === 'call') return decoded.cdr;
  return decoded.kind === 'not-a-call' ? (decoded.correction ?? null) : null;
}

/** What a call was known as, if it was one, and what it is known as now. */
function framedChange({ former, now }: LegReadingChange): FramedRecord {
  const record = former === null ? Buffer.alloc(0) : encodeCanonical(former);
  return { position: 0, item: 0, record, canonical: encodeCanonical(now) };
}

function framedOf({ position, item = 0, buffer, start, end }: DeliveredRecord, cdr: Cdr | NoCall): FramedRecord {
  if (end - start > MOST_RECORD_BYTES) return { position, item, record: encodeCanonical(cdr), canonical: null };
  const isCanonical = cdr.recordBuffer === buffer && cdr.recordStart === start && cdr.recordEnd === end;
  return {
    position,
    item,
    record: buffer.subarray(start, end),
    canonical: isCanonical ? null : cdr.recordBuffer.subarray(cdr.recordStart, cdr.recordEnd),
  };
}

/** Where a record stood. */
export function provenanceIn(
  { position, item = 0, receipt = null, buffer, start, end }: DeliveredRecord,
  { source, partition, format }: RecordOrigin,
): Provenance {
  return { source, partition, position, item, format, record: buffer.subarray(start, end), receipt };
}

/** Messages being filled, one a partition, and those that are full. */
class OutgoingMessages {
  readonly #open = new Map<number, OpenMessage>();
  /** Those of changes: their records are none that the source has. */
  readonly #openChanges = new Map<number, OpenMessage>();
  readonly #full = new Map<number, Omit<RekeyedMessage, 'partition'>[]>();

  add(partition: number, record: FramedRecord, receipt: Receipt | null): void {
    this.#addTo(this.#open, {}, partition, record, receipt);
  }

  addChange(partition: number, record: FramedRecord, receipt: Receipt | null): void {
    this.#addTo(this.#openChanges, CHANGES, partition, record, receipt);
  }

  #addTo(
    open: Map<number, OpenMessage>,
    headers: OpenMessage['headers'],
    partition: number,
    record: FramedRecord,
    receipt: Receipt | null,
  ): void {
    const message = open.get(partition) ?? { frame: new MessageFrame(), receipts: [], headers };
    open.set(partition, message);
    message.frame.add(record);
    message.receipts.push(receipt);
    if (message.frame.bytes >= MESSAGE_BYTES) this.#close(partition, message);
  }

  /** All messages, in requests: in the order of their records for each partition. */
  take(): RekeyedMessage[][] {
    for (const [partition, message] of [...this.#open, ...this.#openChanges]) {
      if (message.frame.bytes > 0) this.#close(partition, message);
    }
    const requests: RekeyedMessage[][] = [];
    for (const [partition, messages] of this.#full) {
      for (const [index, message] of messages.entries()) (requests[index] ??= []).push({ partition, ...message });
    }
    return requests;
  }

  #close(partition: number, { frame, receipts, headers }: OpenMessage): void {
    const message = { value: frame.take(), headers: { ...headers, ...receiptHeaders(receipts.splice(0)) } };
    const full = this.#full.get(partition);
    if (full === undefined) this.#full.set(partition, [message]);
    else full.push(message);
  }
}

/** A message that is being filled, and when its records reached their source. */
interface OpenMessage {
  readonly frame: MessageFrame;
  readonly receipts: (Receipt | null)[];
  readonly headers: Readonly<Record<string, string>>;
}
