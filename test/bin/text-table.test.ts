import { describe, expect, it } from 'vitest';
import { shorten, textTable, widthOf, wrapText } from '../../bin/text-table.ts';

const COLUMNS = [
  { heading: 'name', align: 'left' },
  { heading: 'n', align: 'right' },
] as const;

describe('textTable()', () => {
  it('keeps its columns apart whatever takes one place, two or none', () => {
    const names = ['Dupont', 'E\u0301picerie', '電話株式会社', '📞 x', 'x\u202ey', 'ｆｕｌｌ'];
    const lines = textTable(
      COLUMNS,
      names.map((name) => [name, '7']),
    );
    const widths = new Set(lines.map(widthOf));
    expect([...widths]).toEqual([2 + 12 + 2 + 1]);
  });

  it('shows a line end within a cell, and cuts a cell that fills the screen', () => {
    const [, broken = '', endless = ''] = textTable(COLUMNS, [
      ['a\nb', '1'],
      ['x'.repeat(1_000_000), '2'],
    ]);
    expect(broken).toContain(String.raw`a\nb`);
    expect(endless.length).toBeLessThan(500);
    expect(endless).toContain('…');
  });
});

describe('shorten()', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['電話株式', 8, '電話株式'],
    ['電話株式', 7, '電話株…'],
    ['e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
    ['📞📞', 3, '📞…'],
    ['', 3, ''],
  ])('%s to %i places: %s', (text, width, shown) => {
    expect(shorten(text, width)).toBe(shown);
  });
});

describe('wrapText()', () => {
  it('breaks at blanks only, by places', () => {
    expect(wrapText('電話 電話 電話', 12, '  ')).toEqual(['  電話 電話', '  電話']);
  });

  it('ends where somebody fills the screen', () => {
    expect(wrapText('x '.repeat(1_000_000), 80, '').join('\n').length).toBeLessThan(9_000);
    expect(wrapText('x'.repeat(1_000_000), 80, '').join('\n').length).toBeLessThan(500);
  });
});
