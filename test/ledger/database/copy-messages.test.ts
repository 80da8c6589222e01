import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyMessages } from '../../../ledger/database/copy-messages.ts';

/** A message of the server: its kind, its length, what it says. */
function message(kind: string, content: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(5);
  header.write(kind, 'latin1');
  header.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

const BEGIN = message('H', Buffer.from([1, 0, 2, 0, 1, 0, 1]));
const DONE = message('c');

/** All bytes of rows, and all that is for others, of what comes in chunks of these lengths, over and over. */
function taken(bytes: Buffer, lengths: readonly number[]): { rows: Buffer; others: Buffer; isOver: boolean } {
  const messages = new CopyMessages();
  const rows: Buffer[] = [];
  const others: Buffer[] = [];
  for (let at = 0, nth = 0; at < bytes.length; nth++) {
    const length = lengths[nth % lengths.length]!;
    // The chunk is changed: each is a copy.
    const chunk = Buffer.from(bytes.subarray(at, at + length));
    at += length;
    if (messages.isOver) {
      others.push(chunk);
      continue;
    }
    const part = messages.take(chunk);
    rows.push(part.rows);
    others.push(...part.others);
  }
  return { rows: Buffer.concat(rows), others: Buffer.concat(others), isOver: messages.isOver };
}

const content = fc.uint8Array({ maxLength: 40 });
const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 });

describe('CopyMessages', () => {
  it('has the bytes of all rows, and leaves the rest to others, wherever chunks end', () => {
    const notices = fc.constantFrom('N', 'S', 'A');
    const coming = fc.array(fc.oneof(content, fc.tuple(notices, content)), { maxLength: 30 });
    fc.assert(
      fc.property(coming, content, lengths, (parts, after, chunks) => {
        const isRow = (part: (typeof parts)[number]): part is Uint8Array<ArrayBuffer> => part instanceof Uint8Array;
        const sent = parts.map((part) => (isRow(part) ? message('d', part) : message(...part)));
        const rest = Buffer.concat([message('C', after), message('Z', Buffer.from('I'))]);
        const { rows, others, isOver } = taken(Buffer.concat([BEGIN, ...sent, DONE, rest]), chunks);
        expect(rows).toEqual(Buffer.concat(parts.filter(isRow)));
        expect(others).toEqual(Buffer.concat([...sent.filter((_, index) => !isRow(parts[index]!)), rest]));
        expect(isOver).toBe(true);
      }),
    );
  });

  it('ends where an error comes, before the first row or after some, and leaves it to others', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 9 }), content, lengths, (parts, fault, chunks) => {
        const error = message('E', fault);
        const sent = parts.map((part) => message('d', part));
        const begun = parts.length === 0 ? [] : [BEGIN, ...sent];
        const { rows, others, isOver } = taken(Buffer.concat([...begun, error]), chunks);
        expect(rows).toEqual(Buffer.concat(parts));
        expect(others).toEqual(error);
        expect(isOver).toBe(true);
      }),
    );
  });

  it('refuses a length that no message has', () => {
    const messages = new CopyMessages();
    expect(() => messages.take(Buffer.from([0x64, 0, 0, 0, 3]))).toThrow(
      `Cannot read a COPY: a message of length '3' came`,
    );
  });
});
