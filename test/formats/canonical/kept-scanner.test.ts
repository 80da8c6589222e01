import { describe, expect, test } from 'vitest';
import { decodeCanonicalJson, decodeKeptJson } from '../../../formats/canonical/canonical-json.ts';
import {
  scanCallId,
  scanCanonical,
  scanIntoColumns,
  scanKept,
  scanKeptCanonical,
} from '../../../formats/canonical/canonical-scanner.ts';
import { callOf } from '../../../formats/canonical/encode-canonical.ts';
import { CallColumns, type Cdr, canonicalText } from '../../../rater/index.ts';

const columns = new CallColumns(1);

/** A record with such a revision, as it is written, in memory that goes on after it. */
function recordOf(revision: string, more = ''): { buffer: Buffer; start: number; end: number } {
  const text =
    `{"v":1,"switch":"s-1","call":"c-1","leg":"a;b","line":"L1","to":"+33612345678",` +
    `"answered":"2026-11-03T10:15:00.000Z","durationMs":60000${more},"revision":${revision}}`;
  return { buffer: Buffer.from(`--${text}${'}'.repeat(20)}`), start: 2, end: 2 + text.length };
}

function textIn(cdr: Cdr): string {
  return canonicalText(cdr);
}

describe('records with a revision below 1', () => {
  test.each(['0.000001', '0.00002', '0.5', '0.999999', '0.0', '0.100000'])(
    '%s is read of one that was kept',
    (revision) => {
      const { buffer, start, end } = recordOf(revision, ',"ua":"Phone 1","ip":"10.0.0.1"');
      const plain = decodeKeptJson(buffer, start, end);
      const scanned = scanKeptCanonical(buffer, start, end);
      expect([plain.kind, scanned?.kind]).toEqual(['call', 'call']);
      if (plain.kind !== 'call' || scanned?.kind !== 'call') return;
      expect(textIn(scanned.cdr)).toBe(textIn(plain.cdr));
      expect(scanned.cdr.revision).toBe(Number(revision));
      expect(scanKept(buffer, start, end, columns, 0)).toBe(true);
      expect([columns.startedAt[0], columns.durationMs[0]]).toEqual([plain.cdr.startedAt, plain.cdr.durationMs]);
    },
  );

  test('none is read of one that comes: the plain way refuses it', () => {
    for (const revision of ['0.000001', '0.5', '0.999999']) {
      const { buffer, start, end } = recordOf(revision);
      expect(decodeCanonicalJson(buffer, start, end).kind).toBe('bad');
      expect(scanCanonical(buffer, start, end)).toBeNull();
      expect(scanCallId(buffer, start, end)).toBeNull();
      expect(scanIntoColumns(buffer, start, end, columns, 0)).toBe(false);
    }
  });

  test('what is no such number is left to the plain way', () => {
    for (const revision of ['0.', '1.5', '0.0000001', '0.1e1', '.5', '00.1', '-0.1', '0.1.1']) {
      const { buffer, start, end } = recordOf(revision);
      expect([revision, scanKeptCanonical(buffer, start, end)]).toEqual([revision, null]);
      expect(scanKept(buffer, start, end, columns, 0)).toBe(false);
    }
  });

  test('a field that may not be a fraction is none', () => {
    const { buffer, start, end } = recordOf('1', ',"from":0.5');
    expect(scanKeptCanonical(buffer, start, end)).toBeNull();
    const made = callOf({
      switchId: 's-1',
      callId: 'c-1',
      legId: '',
      revision: 0.000002,
      line: 'L1',
      dialled: '+33612345678',
      calling: null,
      startedAt: Date.UTC(2026, 10, 3),
      durationMs: 1,
      userAgent: null,
      sourceIp: null,
      diversions: ['L2'],
      transferredBy: null,
      mobilityUsed: null,
    });
    if (made.kind !== 'call') throw new Error('A call was expected');
    const { recordBuffer, recordStart, recordEnd } = made.cdr;
    expect(scanKept(recordBuffer, recordStart, recordEnd, columns, 0)).toBe(false);
    expect(scanKeptCanonical(recordBuffer, recordStart, recordEnd)?.kind).toBe('call');
  });
});
