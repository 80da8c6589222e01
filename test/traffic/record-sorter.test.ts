import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../traffic/random.ts';
import { RecordSorter } from '../../traffic/record-sorter.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairtally-sorter-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sortedText(sorter: RecordSorter): string {
  return Buffer.concat([...sorter.sorted()]).toString('latin1');
}

describe('RecordSorter', () => {
  it('sorts by key, keys out of the expected span too, and keeps the order of equal keys', () => {
    const sorter = new RecordSorter({ from: 0, to: 100, bytes: 40_000_000, folder });
    for (const key of [50, -7, 99, 50, 1e9, 0, 100, 50]) sorter.add(key, `${key} at ${key}`);
    sorter.add(50, 'last of the fifties');
    const keys = sortedText(sorter).trimEnd().split('\n');
    expect(keys.map((line) => line.split(' ')[0])).toEqual([
      '-7',
      '0',
      '50',
      '50',
      '50',
      'last',
      '99',
      '100',
      '1000000000',
    ]);
  });

  it('sorts what does not fit into memory, and clears up behind it', () => {
    const random = new Random('sorter', '');
    const sorter = new RecordSorter({ from: 0, to: 1, bytes: 10_000_000, folder });
    const lines = Array.from({ length: 20_000 }, () => ({
      key: random.fraction(),
      text: random.hex8().repeat(20 + random.below(40)),
    }));
    for (const { key, text } of lines) sorter.add(key, text);
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    const expected = lines.toSorted((a, b) => a.key - b.key).map(({ text }) => `${text}\n`);
    expect(sortedText(sorter) === expected.join('')).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps a line that is longer than a bucket may be, and bytes that are no UTF-8', () => {
    const sorter = new RecordSorter({ from: 0, to: 1, bytes: 1, folder });
    const long = 'é'.repeat(600_000);
    sorter.add(0.5, long);
    sorter.add(0.2, 'first');
    expect(sortedText(sorter) === `first\n${long}\n`).toBe(true);
  });

  it('gives nothing where nothing was added', () => {
    expect(sortedText(new RecordSorter({ from: 0, to: 1, bytes: 0, folder }))).toBe('');
  });
});
