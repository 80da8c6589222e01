import { describe, expect, it } from 'vitest';
import { fixture, readBytes, READ_AS } from './read-fixture.ts';

const UNITS = [
  '<',
  '"',
  '@',
  ',',
  ';',
  '|',
  '%',
  '%25',
  '\\',
  ' ',
  '0',
  ':',
  '::',
  '{',
  '[',
  '&',
  'sofia/gateway/',
  '#',
];

describe('texts of 100,000 characters in the records of every format', () => {
  it.each(READ_AS)('%s: take no time, wherever they stand', async (file, settings) => {
    const text = fixture(file).toString('latin1');
    const lines = text.split('\n').slice(0, 4).join('\n');
    for (const unit of UNITS) {
      const long = unit.repeat(Math.floor(100_000 / unit.length));
      // Into the values of the last line, the first of which is the header of some.
      const at = lines.lastIndexOf('\n') + 1;
      for (const place of [at + 1, at + 40, lines.length - 1]) {
        const before = performance.now();
        const { decoded } = await readBytes(
          Buffer.from(lines.slice(0, place) + long + lines.slice(place), 'latin1'),
          settings,
        );
        expect(decoded.length).toBeGreaterThan(0);
        expect([unit, place, performance.now() - before < 3_000]).toEqual([unit, place, true]);
      }
    }
  });
});
