import type { QuarantinedRecord } from '../../ledger/index.ts';
import type { Cdr, NoCall } from '../../rater/index.ts';
import { decodeKept } from '../../formats/index.ts';

/** Reads back a call that the ledger keeps in canonical form; one that can't be read is a bug of ours. */
export function recordedCdr(record: string | Buffer): Cdr {
  const bytes = bytesOf(record);
  const decoded = decodeKept(bytes);
  if (decoded.kind !== 'call') throw new Error(`Cannot read back a record of the ledger: '${bytes.toString('utf8')}'`);
  return decoded.cdr;
}

/** Reads back a record in quarantine that could be read: a call, or a correction that says that there was none. */
export function recordedRecord(record: Buffer): Cdr | NoCall {
  const decoded = decodeKept(record);
  if (decoded.kind === 'call') return decoded.cdr;
  if (decoded.kind === 'not-a-call' && decoded.correction !== undefined) return decoded.correction;
  throw new Error(`Cannot read back a record in quarantine: '${record.toString('utf8')}'`);
}

/** The records in quarantine that could be read. */
export function recordsOf(records: readonly QuarantinedRecord[]): (Cdr | NoCall)[] {
  return records.flatMap(({ cdr }) => (cdr === null ? [] : [recordedRecord(cdr)]));
}

/** The calls among records in quarantine. */
export function cdrsOf(records: readonly QuarantinedRecord[]): Cdr[] {
  return records.flatMap(({ cdr, state }) => {
    if (cdr === null) return [];
    const record = recordedRecord(cdr);
    return 'noCallReason' in record || state === 'no-call' ? [] : [record];
  });
}

function bytesOf(record: string | Buffer): Buffer {
  return typeof record === 'string' ? Buffer.from(record, 'utf8') : record;
}
