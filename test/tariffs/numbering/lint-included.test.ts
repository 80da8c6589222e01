import { describe, expect, test } from 'vitest';
import { lintIncluded, NumberingTablesError, type IncludedSelection } from '../../../tariffs/index.ts';
import { linesOf, tables, withLine } from './tables.ts';

const FORTY = linesOf('includedNames').map((line) => line['destination_fr'] ?? '');
const ARTICLE_7: IncludedSelection = { classes: ['national-fixed', 'national-mobile'], destinations: FORTY };

/** Findings in one line each. */
function lint(included: IncludedSelection, from = tables): readonly string[] {
  return lintIncluded(from, included).map((finding) => {
    switch (finding.kind) {
      case 'unknown-name':
      case 'repeated-name':
        return `${finding.kind} ${finding.name}`;
      case 'catch-all':
        return `${finding.kind} ${finding.prefix} ${finding.name}`;
      case 'declared-range':
        return `${finding.kind} ${finding.nature} ${finding.prefix} ${finding.destination}`;
      case 'undeclared-range':
        return `${finding.kind} ${finding.nature} ${finding.pattern} ${finding.destination}`;
      default:
        return finding satisfies never;
    }
  });
}

describe('lintIncluded()', () => {
  test('finds in article 7 only the ranges that its names bring with them', () => {
    expect(lint(ARTICLE_7)).toEqual([
      'declared-range satellite 3364000 France Mobile Globalstar (satellite)',
      'declared-range satellite 3364001 France Mobile Globalstar (satellite)',
      'declared-range satellite 3364002 France Mobile Globalstar (satellite)',
      'declared-range satellite 3364003 France Mobile Globalstar (satellite)',
      'declared-range satellite 3364004 France Mobile Globalstar (satellite)',
      'declared-range shared-cost 352801 Luxembourg Fixe VAS',
      'declared-range shared-cost 4677 Suède VAS',
    ]);
  });

  test('is silent about an offer without such ranges', () => {
    expect(lint({ classes: ['national-fixed'], destinations: ['Canada Fixe', 'Irlande Fixe'] })).toEqual([]);
  });

  test('names misspelt and repeated destinations', () => {
    expect(lint({ classes: [], destinations: ['Canada Fixe', 'Canada fixe', 'Canada Fixe'] })).toEqual([
      'unknown-name Canada fixe',
      'repeated-name Canada Fixe',
    ]);
  });

  test('warns of premium, personal and satellite destinations included by name', () => {
    expect(lint({ classes: [], destinations: ['Royaume Uni premium 09'] })).toEqual([
      'declared-range premium 449 Royaume Uni premium 09',
    ]);
    expect(lint({ classes: [], destinations: ['Irlande numéros personnels'] })).toEqual([
      'declared-range personal 353700 Irlande numéros personnels',
    ]);
  });

  test('warns of a country taken whole, with the costly ranges in it', () => {
    expect(lint({ classes: [], destinations: ['NANP autre / non attribué'] })).toEqual([
      'catch-all 1 NANP autre / non attribué',
    ]);
    expect(lint({ classes: [], destinations: ['Portugal services 8 (80x, 884)'] })).toEqual([
      'undeclared-range shared-cost 351808 Portugal services 8 (80x, 884)',
      'undeclared-range shared-cost 351809[1579] Portugal services 8 (80x, 884)',
      'undeclared-range personal 351884[0-4689] Portugal services 8 (80x, 884)',
    ]);
  });

  test('looks at the lengths: an Irish premium number has ten digits, a Dublin one eight', () => {
    const irish = { classes: [], destinations: ['Irlande Fixe', 'Irlande Fixe OLO'] };
    expect(lint(irish)).toEqual([]);
    expect(lint(irish, withLine('specialRanges', '353157,8,premium,IE,LPN'))).toEqual([
      'undeclared-range premium 353157 Irlande Fixe OLO',
    ]);
  });

  test('refuses tables that cannot be read', () => {
    expect(() => lintIncluded(withLine('destinations', 'x'), ARTICLE_7)).toThrow(NumberingTablesError);
  });
});
