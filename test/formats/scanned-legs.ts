import { expect } from 'vitest';
import type { Decoded, Format, RecordBytes } from '../../formats/format.ts';
import { ScannedLeg } from '../../formats/call/scanned-leg.ts';
import type { Leg } from '../../formats/index.ts';

const leg = new ScannedLeg();

/** The texts of a leg as the fast way writes them: each after its length. */
function textsOf({ family, switchId, groupId, legId, evidence }: Leg): string {
  const parts = [family, switchId, groupId, legId, evidence].map((text) => {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(parts).toString('latin1');
}

/** A record somewhere within other bytes. */
export function recordBytes(text: string): RecordBytes {
  const buffer = Buffer.from(`other, bytes\n${text}\nmore, of "them"`, 'latin1');
  return { buffer, start: 13, end: 13 + Buffer.byteLength(text, 'latin1') };
}

export function decodedIn(format: Format, { buffer, start, end }: RecordBytes): Decoded {
  return format.decode(buffer, start, end);
}

/** The call in canonical form that was read the fast way last, as text. */
export function scannedCall({ call }: ScannedLeg): string {
  return call.buffer.toString('utf8', call.start, call.end);
}

/** Holds the fast way to the leg of a record to the plain one; returns whether it took the record. */
export function holdScannedLeg(format: Format, record: RecordBytes): boolean {
  const { buffer, start, end } = record;
  if (!format.scanLeg!(buffer, start, end, leg)) return false;
  const { texts, switchId, groupId, isCall } = leg;
  const scanned = {
    record: buffer.toString('latin1', start, end),
    kind: isCall ? 'call' : 'bad',
    notes: [],
    ids: [switchId, groupId],
    texts: Buffer.from(texts.bytes.subarray(0, texts.at)).toString('latin1'),
    call: isCall ? scannedCall(leg) : '',
  };
  const plain = decodedIn(format, record);
  expect(scanned).toEqual({
    record: scanned.record,
    kind: plain.kind,
    notes: plain.kind === 'call' ? plain.notes : [],
    ids: [plain.leg?.switchId, plain.leg?.groupId],
    texts: plain.leg === undefined ? 'none' : textsOf(plain.leg),
    call: canonicalOf(plain),
  });
  return true;
}

/** The canonical form of what was decoded, as text; `''` where it is no call. */
export function canonicalOf(decoded: Decoded): string {
  if (decoded.kind !== 'call') return '';
  const { recordBuffer, recordStart, recordEnd } = decoded.cdr;
  return recordBuffer.toString('utf8', recordStart, recordEnd);
}

/** A generator of numbers from 0 to below 1 that is the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SIGNS = [...'"\\,;|:=<>{}[]&%#\r\0 0-9+@/.ZzNé', '\u00ff', 'NULL', '\\N', '""', 'null', '%25', '99999999'];

/** The text with a sign put in, taken out or put in another's place, at random. */
export function mutated(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  const sign = SIGNS[Math.floor(random() * SIGNS.length)]!;
  const kind = Math.floor(random() * 4);
  if (kind === 0) return text.slice(0, at) + sign + text.slice(at);
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1);
  if (kind === 2) return text.slice(0, at) + sign + text.slice(at + 1);
  // Two signs change places.
  return text.slice(0, at) + text.slice(at + 1, at + 2) + text.slice(at, at + 1) + text.slice(at + 2);
}

/** One of some values. */
export function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!;
}
