import { describe, expect, it } from 'vitest';
import { visibleText } from '../../console/src/language/text.ts';
import { guessedRule, leadingDigit } from '../../console/src/quarantine/number-guesses.ts';

describe('leadingDigit()', () => {
  it.each([
    ['a 0 before national numbers', ['00612345678', '00145678901', '+33612'], '0'],
    ['a 9', ['90612345678'], '9'],
    ['numbers of other countries are none', ['0044123456789', '00495551234567'], null],
    ['digits that differ are slips of the finger', ['00612345678', '90612345678', '80612345678'], null],
    ['nothing waits', [], null],
  ])('%s', (_, dialled, digit) => expect(leadingDigit(dialled)).toBe(digit));
});

describe('guessedRule()', () => {
  it('takes off the digit before numbers, else signs, else puts the country before', () => {
    expect(guessedRule(['00612345678', '00612345679'])).toEqual({ prefix: '0', replacement: '' });
    expect(guessedRule(['*70612345678', '*70612345679'])).toEqual({ prefix: '*', replacement: '' });
    expect(guessedRule(['612345678'])).toEqual({ prefix: '', replacement: '+33' });
  });
});

describe('visibleText()', () => {
  it('shows what turns or hides a text, and leaves every script as it is', () => {
    expect(visibleText('Evil\u202Egpj.exe\u0007')).toBe('Evil[U+202E]gpj.exe[U+0007]');
    expect(visibleText('شركة «L’Été» & fils')).toBe('شركة «L’Été» & fils');
  });
});
