import { describe, expect, it } from 'vitest';
import { refusal, REFUSALS, refusalSentence } from '../../services/index.ts';

function sentenceFor(calls: string): string {
  return refusalSentence(refusal('calls-unpriced', { file: 'a.csv', calls, destinations: `'Barbade' ${calls}` }));
}

describe('refusalSentence()', () => {
  it('puts values in their places, and a number with the word that fits it', () => {
    expect(sentenceFor('1')).toBe(`Cannot import deck 'a.csv': it has no price for 1 call of the ledger: 'Barbade' 1`);
    expect(sentenceFor('1234567')).toContain('no price for 1,234,567 calls of the ledger');
    expect(refusalSentence(refusal('call-unknown', { call: '{call|$&' }))).toContain(`'{call|$&'`);
  });

  it('leaves no brace of the table', () => {
    for (const [code, { sentence }] of Object.entries(REFUSALS)) {
      const names = [...sentence.matchAll(/\{(\w+)/g)].map(([, name = '']) => [name, '2'] as const);
      const said = refusalSentence({ code: code as keyof typeof REFUSALS, values: Object.fromEntries(names) });
      expect(said).not.toMatch(/[{}|]/);
    }
  });
});
