import type { KeptWriteOff } from '../../ledger/index.ts';
import type { ListedRecord } from '../quarantine/list-quarantine.ts';

/** A record in quarantine. */
export function recordJson({ no, source, position, format, reason, detail, record }: ListedRecord) {
  return { no, source, position, format, reason, detail, ...bytesAsJson(record) };
}

/** Who wrote a record off or opened it again. */
export function writeOffJson({ act, by, note, at }: KeptWriteOff) {
  return { act, by, note, at: new Date(at).toISOString() };
}

/** Bytes as text where they are text, else in base64. */
export function bytesAsJson(bytes: Buffer): { readonly record: string; readonly encoding: 'utf8' | 'base64' } {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  return isText ? { record: text, encoding: 'utf8' } : { record: bytes.toString('base64'), encoding: 'base64' };
}
