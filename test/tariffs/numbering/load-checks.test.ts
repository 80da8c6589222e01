import { describe, expect, test } from 'vitest';
import { compileNumberingPlan, NumberingTablesError, type NumberingTables } from '../../../tariffs/index.ts';
import { tables, withLine, withText } from './tables.ts';

/** The faults that compiling these tables ends in, as `file:line: message` without the folder. */
function faultsOf(broken: NumberingTables): readonly string[] {
  try {
    compileNumberingPlan(broken);
    return [];
  } catch (error) {
    if (!(error instanceof NumberingTablesError)) throw error;
    return error.faults.map(({ file, line, message }) => `${file.split('/').at(-1)}:${line}: ${message}`);
  }
}

/** Number of the line that `withLine` adds. */
function lineAfter(name: keyof NumberingTables): number {
  return tables[name].text.split('\n').length;
}

describe('compileNumberingPlan() refuses', () => {
  test('nothing in the tables as they are', () => expect(faultsOf(tables)).toEqual([]));

  test('a prefix that stands twice, also across tables and inside patterns', () => {
    expect(faultsOf(withLine('destinations', '44[12],,Ailleurs,international,fixed,GB,low,LPN'))).toEqual([
      expect.stringMatching(
        /^destinations\.csv:\d+: Cannot take prefix '441' twice: it is also at .*destinations\.csv:\d+$/,
      ),
      expect.stringMatching(/^destinations\.csv:\d+: Cannot take prefix '442' twice/),
    ]);
    expect(faultsOf(withLine('destinations', '44,,Ailleurs,international,fixed,GB,low,LPN'))).toEqual([
      expect.stringMatching(/^country-codes\.csv:\d+: Cannot take prefix '44' twice/),
    ]);
    expect(faultsOf(withLine('invalidRanges', '33590,routing-prefix,ARCEP'))).toEqual([
      expect.stringMatching(/^overseas-roots\.csv:\d+: Cannot take prefix '33590' twice/),
    ]);
  });

  test('one prefix twice for one length, though not for different lengths', () => {
    expect(
      faultsOf(withLine('destinations', '3531800,10,Irlande 1800/1850/1890,international,toll-free,IE,low,LPN')),
    ).toEqual([expect.stringContaining("Cannot take prefix '3531800' twice")]);
    expect(
      faultsOf(withLine('destinations', '3531800,7,Irlande 1800/1850/1890,international,toll-free,IE,low,LPN')),
    ).toEqual([]);
  });

  test('a length rule or a short code that stands twice', () => {
    expect(faultsOf(withLine('lengthRules', '33,9,ARCEP'))).toEqual([
      `length-rules.csv:${lineAfter('lengthRules')}: Cannot take length rule '33' twice: it is also at ${at('countryCodes', '33,')}`,
    ]);
    expect(faultsOf(withLine('shortCodes', '39X9,numéro court gratuit,toll-free,ARCEP'))).toHaveLength(10);
    expect(faultsOf(withLine('shortCodes', '1234567,numéro court gratuit,toll-free,ARCEP'))).toEqual([
      `short-codes.csv:${lineAfter('shortCodes')}: Cannot take short code '1234567': expected 1 to 6 digits, no leading 0`,
    ]);
  });

  test('an included name that no prefix has, or that stands twice', () => {
    expect(faultsOf(withLine('includedNames', 'Atlantide Fixe,CONTRACT-7'))).toEqual([
      "included-names.csv:42: Cannot find the included destination 'Atlantide Fixe': no prefix has this name",
    ]);
    expect(faultsOf(withLine('includedNames', 'Canada Fixe,CONTRACT-7'))).toEqual([
      expect.stringMatching(/^included-names\.csv:42: Cannot take included name 'Canada Fixe' twice/),
    ]);
    expect(faultsOf(withText('destinations', (text) => text.replaceAll('Mayotte Fixe', 'Mayotte fixe')))).toEqual([
      expect.stringMatching(/^included-names\.csv:6: Cannot find the included destination 'Mayotte Fixe'/),
    ]);
  });

  test('a costly range inside an included prefix without a row of its own', () => {
    expect(faultsOf(withLine('specialRanges', '44203,10,premium,GB,LPN'))).toEqual([
      `special-ranges.csv:${lineAfter('specialRanges')}: Cannot keep premium range '44203' inside 'Royaume Uni Fixe': it needs a row of its own`,
    ]);
    const withoutIrishPremium = withText('destinations', (text) =>
      text.replaceAll(/^35315.*Irlande premium 15xx.*\n/gm, ''),
    );
    expect(faultsOf(withoutIrishPremium)).toContainEqual(
      expect.stringMatching(/Cannot keep premium range '353151\[2-8\]' inside 'Irlande Fixe OLO'/),
    );
    const withoutGlobalstar = withText('destinations', (text) => text.replaceAll(/^336400.*\n/gm, ''));
    expect(faultsOf(withoutGlobalstar)).toEqual([
      expect.stringMatching(/Cannot keep satellite range '336400\[0-4\]' inside 'France Mobile'/),
    ]);
  });

  test('no costly range of a length that the length rules refuse', () => {
    expect(faultsOf(withLine('specialRanges', '44203,7,premium,GB,LPN'))).toEqual([]);
  });

  test('one destination name with two classes', () => {
    expect(faultsOf(withLine('shortCodes', '1199,urgence,toll-free,ARCEP'))).toEqual([
      `short-codes.csv:${lineAfter('shortCodes')}: Cannot give 'urgence' the class 'toll-free': it is 'emergency' elsewhere`,
    ]);
  });

  test('prefixes under no country code, and country codes that cover each other', () => {
    expect(faultsOf(withLine('lengthRules', '210,9,LPN'))).toEqual([
      `length-rules.csv:${lineAfter('lengthRules')}: Cannot place prefix '210': no country code covers it`,
    ]);
    expect(faultsOf(withLine('countryCodes', '331,Paris,FR,9,LPN'))).toContainEqual(
      expect.stringContaining("Cannot take country code '331': a shorter country code covers it"),
    );
  });

  test('an overseas root that leads nowhere', () => {
    expect(faultsOf(withLine('overseasRoots', '0599,599599,Curaçao,low,MAJNUM'))).toEqual([]);
    expect(faultsOf(withLine('overseasRoots', '0599,210599,Nulle part,low,MAJNUM'))).toEqual([
      expect.stringContaining("Cannot lead '0599' to '+210599': it is under no overseas country code"),
    ]);
    expect(faultsOf(withLine('overseasRoots', '0599,590,Nulle part,low,MAJNUM'))).toEqual([
      expect.stringContaining("Cannot read e164_root '590': it does not end with '0599' without its 0"),
    ]);
  });

  test('cells, lines, headers and files that cannot be read, all of them at once', () => {
    const line = lineAfter('destinations');
    const broken = withText('destinations', (text) =>
      [
        text.trimEnd(),
        '44x,,A,international,fixed,GB,low,LPN',
        '4420,15,A,international,fixed,GB,low,LPN',
        '4420,,,international,fixed,GB,low,LPN',
        '4420,,A,intergalactic,fixed,GB,low,LPN',
        '4420,,A,international,cheap,GB,low,LPN',
        '4420,,A',
      ].join('\n'),
    );
    expect(faultsOf({ ...broken, lengthRules: { file: 'length-rules.csv', text: 'prefix,length\n' } })).toEqual([
      `destinations.csv:${line}: Cannot read the line: 3 cells for 8 columns`.replace(String(line), String(line + 5)),
      `destinations.csv:${line}: Cannot read e164_prefix '44x': expected digits, X or [..], of 1 to 15 digits`,
      `destinations.csv:${line + 1}: Cannot read nsn_lengths '15': expected lengths of 1 to 14 like '7-9 12'`,
      `destinations.csv:${line + 2}: Cannot read destination_fr '': expected a name without outer spaces`,
      expect.stringContaining(
        `destinations.csv:${line + 3}: Cannot read class 'intergalactic': expected one of national-fixed`,
      ),
      expect.stringContaining(`destinations.csv:${line + 4}: Cannot read nature 'cheap': expected one of fixed`),
      "length-rules.csv:1: Cannot read the header 'prefix,length': expected 'e164_prefix,nsn_lengths,source'",
    ]);
    expect(faultsOf(withText('invalidRanges', () => ''))).toEqual([
      expect.stringContaining("invalid-ranges.csv:1: Cannot read the header ''"),
    ]);
    expect(faultsOf(withLine('invalidRanges', '"335'))).toEqual([
      expect.stringContaining('Cannot read the table as CSV'),
    ]);
  });
});

function at(name: keyof NumberingTables, start: string): string {
  const line = tables[name].text.split('\n').findIndex((text) => text.startsWith(start)) + 1;
  return `${tables[name].file}:${line}`;
}
