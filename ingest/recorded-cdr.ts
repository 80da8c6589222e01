import type { QuarantinedRecord } from '../ledger/index.ts';
import type { Cdr } from '../rater/index.ts';
import { decodeKept } from './formats/canonical-ndjson.ts';

/** Reads back a record that the ledger keeps in canonical form; one that can't be read is a bug of ours. */
export function recordedCdr(record: string | Buffer): Cdr {
  const bytes = typeof record === 'string' ? Buffer.from(record, 'utf8') : record;
  const decoded = decodeKept(bytes);
  if (decoded.kind !== 'call') throw new Error(`Cannot read back a record of the ledger: '${bytes.toString('utf8')}'`);
  return decoded.cdr;
}

/** The calls among records in quarantine: those that could be read. */
export function cdrsOf(records: readonly QuarantinedRecord[]): Cdr[] {
  return records.flatMap(({ cdr }) => (cdr === null ? [] : [recordedCdr(cdr)]));
}
