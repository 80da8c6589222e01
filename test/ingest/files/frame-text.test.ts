import { describe, expect, test } from 'vitest';
import type { Framing, FrameRecords } from '../../../ingest/files/frame-records.ts';
import { frameDocuments } from '../../../ingest/files/frame-records.ts';
import { frameBlocks, frameXml } from '../../../ingest/files/frame-text.ts';

function cut(frame: FrameRecords, text: string, most = 1_000): string[] {
  const buffer = Buffer.from(text);
  const records: string[] = [];
  const framing: Framing = { pairs: new Uint32Array(2 * most), count: 0, consumed: 0 };
  do {
    framing.count = 0;
    frame(buffer, buffer.length, true, framing);
    for (let at = 0; at < framing.count; at++) {
      records.push(buffer.toString('utf8', framing.pairs[2 * at], framing.pairs[2 * at + 1]));
    }
  } while (framing.consumed < buffer.length);
  return records;
}

describe('frameXml()', () => {
  test.each([
    ['<cdr>a</cdr><cdr>b</cdr>', ['<cdr>a</cdr>', '<cdr>b</cdr>']],
    ['<?xml?>\n<cdr>\na\n</cdr>\n\n<cdr x="1">b</cdr>\n', ['<?xml?>\n<cdr>\na\n</cdr>', '<cdr x="1">b</cdr>']],
    // A document that is broken off ends before the next.
    ['<cdr>a\n<cdr>b</cdr>', ['<cdr>a', '<cdr>b</cdr>']],
    ['<?xml?><cdr>a\n<?xml?>\n<cdr>b</cdr>', ['<?xml?><cdr>a', '<?xml?>\n<cdr>b</cdr>']],
    ['garbage\n<cdr>b</cdr>', ['garbage', '<cdr>b</cdr>']],
    ['garbage\n<?xml?>\n<cdr>b</cdr>', ['garbage', '<?xml?>\n<cdr>b</cdr>']],
    ['cdr=%3C\ncdr=%3D\n<cdr>b</cdr>', ['cdr=%3C', 'cdr=%3D', '<cdr>b</cdr>']],
    ['<cdr>a', ['<cdr>a']],
  ])('cuts %j', (text, records) => expect(cut(frameXml, text)).toEqual(records));
});

describe('frameBlocks()', () => {
  test.each([
    ['A: 1\nB: 2\n\nA: 3\n', ['A: 1\nB: 2', 'A: 3']],
    ['\n\nA: 1\r\nB: 2\r\n\r\n\r\nA: 3', ['A: 1\r\nB: 2', 'A: 3']],
    ['Content-Length: 5\n\nA: 1\n\nB: 2\n', ['Content-Length: 5\n\nA: 1', 'B: 2']],
    ['Content-Length: 9999999\n\nA: 1\n\nB: 2\n', ['Content-Length: 9999999', 'A: 1', 'B: 2']],
    ['Content-Length: 7\n\nA: 1\n\nB: 2\n', ['Content-Length: 7', 'A: 1', 'B: 2']],
    ['Content-Length: -1\n\nA: 1', ['Content-Length: -1', 'A: 1']],
  ])('cuts %j', (text, records) => expect(cut(frameBlocks, text)).toEqual(records));
});

describe('frameDocuments()', () => {
  test('takes a document as it is posted for a line of its own', () => {
    expect(cut(frameDocuments, 'cdr=%7B\ncdr=%7D\n{"a":1}\nx\ncdr=1')).toEqual([
      'cdr=%7B',
      'cdr=%7D',
      '{"a":1}',
      'x',
      'cdr=1',
    ]);
  });
});

describe('framing of 4 MB', () => {
  test.each([
    ['heads without an end', '<cdr>\n'],
    ['ends without a head', '</cdr>'],
    ['opened elements', '<'],
    ['instructions', '<?xml'],
    ['posted lines', 'cdr=\n'],
    ['lengths that lie', 'Content-Length: 900000\n\n'],
    ['lengths that lie, and headers', 'Content-Length: 1000000\n\nA: 1\n\n'],
    ['lines', '\n'],
    ['words', 'a '],
  ])('takes a time that grows with the bytes: %s', (_what, unit) => {
    const text = unit.repeat(Math.floor(4_000_000 / unit.length));
    for (const frame of [frameXml, frameBlocks, frameDocuments]) {
      const before = process.cpuUsage();
      cut(frame, text, 10_000);
      // Of the processor, in µs: by the clock, others' work counts too.
      expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
    }
  });
});
