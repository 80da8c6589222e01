import { assert, array, constantFrom, maxSafeNat, nat, oneof, pre, property, record, uuid } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorText, readCursorText } from '../../../services/billing/feed-cursor.ts';

const cursors = record({
  life: uuid(),
  positions: array(oneof(nat(300), maxSafeNat()), { minLength: 64, maxLength: 64 }),
});

describe('a cursor of the feed', () => {
  it('is read back from its text', () => {
    assert(
      property(cursors, (cursor) => {
        expect(readCursorText(cursorText(cursor))).toEqual(cursor);
      }),
    );
  });

  it('is short: 20 million entries in 64 buckets fit 300 characters', () => {
    const text = cursorText({ life: '0b7c4b0e-9d1a-4d2b-8a57-0f2d1a2b3c4d', positions: Array(64).fill(312_500) });
    expect(text.length).toBeLessThan(300);
  });

  it('is none once a character is changed, or it is cut short', () => {
    assert(
      property(cursors, nat(), constantFrom('cut', 'change', 'lengthen'), (cursor, where, how) => {
        const text = cursorText(cursor);
        const at = where % text.length;
        const other = text[at] === 'A' ? 'B' : 'A';
        const changed = {
          cut: text.slice(0, at),
          change: text.slice(0, at) + other + text.slice(at + 1),
          lengthen: `${text}AAAA`,
        }[how];
        // The last character has bits that say nothing.
        pre(how !== 'change' || at < text.length - 1);
        expect(readCursorText(changed)).toBeNull();
      }),
    );
  });

  it.each(['', '0', 'AQ', '...', 'not a cursor', 'A'.repeat(10_000)])('is none: %j', (text) => {
    expect(readCursorText(text)).toBeNull();
  });
});
