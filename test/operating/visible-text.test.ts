import { describe, expect, it } from 'vitest';
import { visibleJson, visibleLine, visibleText } from '../../operating/visible-text.ts';

describe('visibleLine()', () => {
  it.each([
    ['a\u001b[2Jb', String.raw`a\x1b[2Jb`],
    ['a\nb\r\tc', String.raw`a\nb\r\tc`],
    ['\u009b31m\u007f', String.raw`\x9b31m\x7f`],
    ['\u202e\u2066\u200f\u061c', String.raw`\u202e\u2066\u200f\u061c`],
    ['\u2028\u2029\ufeff\u200b', String.raw`\u2028\u2029\ufeff\u200b`],
    ['\u{e0041}\u{e0101}', String.raw`\u{e0041}\u{e0101}`],
    ['\ud800x\udc00', String.raw`\ud800x\udc00`],
    ['é 電 📞 \u00a0', 'é 電 📞 \u00a0'],
    [`e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(4)}…x`],
  ])('%j', (text, shown) => {
    expect(visibleLine(text)).toBe(shown);
    expect(visibleLine(visibleLine(text))).toBe(shown);
  });
});

describe('visibleText()', () => {
  it('keeps line ends, and no return', () => {
    expect(visibleText('a\r\nb\u0007')).toBe('a\\r\nb\\x07');
  });
});

describe('visibleJson()', () => {
  it('means the same, with nothing unseen in it', () => {
    const value = { 'k\u202e': ['\u009b', '\u{e0041}', '\u2028', '\u007f', 'é', '\ud800', '\n'] };
    const json = visibleJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[\u007f-\u009f\u2028\u202e\u{e0041}]/u);
    expect(json).toContain('é');
  });
});
