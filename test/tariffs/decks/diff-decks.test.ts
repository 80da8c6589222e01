import { describe, expect, it } from 'vitest';
import { diffDecks } from '../../../tariffs/decks/diff-decks.ts';
import { deckOf } from './deck-for-test.ts';

const AT = Date.parse('2026-12-01T00:00:00+01:00');

/** `key from change direction: part before>after (by)` of each change. */
function diff(before: string, after: string): string[] {
  return diffDecks(deckOf(before), deckOf(after), AT).map((change) => {
    const parts = change.differences.map(({ part, bandBefore, bandAfter, before: old, after: now, by }) => {
      const bands =
        bandBefore === null && bandAfter === null ? '' : ` [${bandBefore ?? 'rest'}>${bandAfter ?? 'rest'}]`;
      return `${part} ${old}>${now} (${by})${bands}`;
    });
    return `${change.key} ${new Date(change.from).toISOString().slice(0, 10)} ${change.change} ${change.direction}: ${parts.join(', ')}`;
  });
}

describe('diffDecks()', () => {
  it('says which destinations rise or fall, and by how much', () => {
    const head = 'destination,price_per_minute,connection_charge,initial_increment_s\n';
    expect(
      diff(
        `${head}A,0.10,0,60\nB,0.10,0,60\nC,0.10,0.05,60\nD,0.1,0,1\nE,0.1,0,60\nF,0.3,0,60`,
        `${head}A,0.125,0,60\nB,0.0999,0,60\nC,0.2,0,60\nD,0.1,0,60\nE,0.10,0,60\nG,0.4,0,60`,
      ),
    ).toEqual([
      'A 2026-11-30 changed rise: pricePerMinute 0.1>0.125 (+0.025)',
      'B 2026-11-30 changed fall: pricePerMinute 0.1>0.0999 (-0.0001)',
      'C 2026-11-30 changed mixed: pricePerMinute 0.1>0.2 (+0.1), connectionCharge 0.05>0 (-0.05)',
      'D 2026-11-30 changed rise: initialIncrementS 1>60 (+59), nextIncrementS 1>60 (+59)',
      'F 2026-11-30 removed same: ',
      'G 2026-11-30 added same: ',
    ]);
  });

  it('compares a prefix that one deck lacks with what prices its numbers there', () => {
    expect(diff('prefix,price_per_minute\n32,0.1', 'prefix,price_per_minute\n32,0.1\n3249,0.5\n3248,0.1')).toEqual([
      '+3249 2026-11-30 changed rise: pricePerMinute 0.1>0.5 (+0.4)',
    ]);
    expect(diff('prefix,price_per_minute\n32,0.1\n3249,0.5', 'prefix,price_per_minute\n32,0.1')).toEqual([
      '+3249 2026-11-30 changed fall: pricePerMinute 0.5>0.1 (-0.4)',
    ]);
  });

  it('tells changes that a deck dates later, once each, and none that lie behind', () => {
    const head = 'prefix,effective_from,price_per_minute\n';
    expect(diff(`${head}32,2026-01-01,0.1`, `${head}32,2026-01-01,0.1\n32,2027-01-01,0.2\n32,2027-02-01,0.3`)).toEqual([
      '+32 2026-12-31 changed rise: pricePerMinute 0.1>0.2 (+0.1)',
      '+32 2027-01-31 changed rise: pricePerMinute 0.1>0.3 (+0.2)',
    ]);
    expect(diff(`${head}32,2026-01-01,0.3\n32,2026-02-01,0.1`, `${head}32,2026-01-01,0.1`)).toEqual([]);
  });

  it('compares the bands that meet on the clock', () => {
    const old = '#band,peak,Mon-Fri,08:00-20:00\nprefix,band,price_per_minute\n32,peak,0.2\n32,,0.1';
    const longer = '#band,day,Mon-Fri,08:00-22:00\nprefix,band,price_per_minute\n32,day,0.2\n32,,0.1';
    expect(diff(old, longer)).toEqual(['+32 2026-11-30 changed rise: pricePerMinute 0.1>0.2 (+0.1) [rest>day]']);
    expect(diff(old, 'prefix,price_per_minute\n32,0.1')).toEqual([
      '+32 2026-11-30 changed fall: pricePerMinute 0.2>0.1 (-0.1) [peak>rest]',
    ]);
  });

  it('finds nothing between a deck and itself', () => {
    const text = 'prefix,destination,price_per_minute\n32,,0.1\n,Suisse,0.2';
    expect(diff(text, text)).toEqual([]);
  });
});
