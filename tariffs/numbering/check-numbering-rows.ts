import { lintIncludedRows } from './lint-included.ts';
import type { NumberingFault } from './numbering-fault.ts';
import type { NumberingRows, Place } from './numbering-rows.ts';
import { countryCodeOf, indexPrefixes, prefixRowsOf, type PrefixIndex, type PrefixRow } from './prefix-rows.ts';

/**
 * What must hold across rows: no prefix or code twice for one length, one class per destination name, every prefix
 * under a country code, every overseas root leading to a destination, all 40 names present, and no costly range
 * inside an included prefix without a row that says so.
 */
export function checkNumberingRows(rows: NumberingRows): readonly NumberingFault[] {
  const index = indexPrefixes(rows);
  return [
    ...duplicatePrefixes(prefixRowsOf(rows)),
    ...duplicateLengthRules(rows),
    ...duplicateShortCodes(rows),
    ...overlappingCountryCodes(rows),
    ...ambiguousClasses(rows),
    ...homelessPrefixes(rows, index),
    ...deadOverseasRoots(rows, index),
    ...includedFaults(rows),
  ];
}

function duplicatePrefixes(rows: readonly PrefixRow[]): NumberingFault[] {
  const seen = new Map<string, PrefixRow>();
  return rows.flatMap((row) => {
    const keys = row.lengths === 0 ? ['any'] : lengthsOf(row.lengths).map(String);
    return keys.flatMap((length) => {
      const key = `${row.prefix} ${length}`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, row);
      return first === undefined ? [] : [duplicateFault(row, `prefix '${row.prefix}'`, first)];
    });
  });
}

function duplicateLengthRules(rows: NumberingRows): NumberingFault[] {
  const rules = [
    ...rows.countryCodes.map((row) => ({ ...place(row), key: row.code })),
    ...rows.lengthRules.flatMap((row) => row.prefixes.map((key) => ({ ...place(row), key }))),
  ];
  return duplicates(rules, 'length rule');
}

function duplicateShortCodes(rows: NumberingRows): NumberingFault[] {
  const codes = rows.shortCodes.flatMap((row) => row.codes.map((key) => ({ ...place(row), key })));
  const long = codes.filter(({ key }) => key.length > 6 || key.startsWith('0'));
  return [
    ...duplicates(codes, 'short code'),
    ...long.map(({ key, ...at }) => ({
      ...at,
      message: `Cannot take short code '${key}': expected 1 to 6 digits, no leading 0`,
    })),
  ];
}

function duplicates(keyed: readonly (Place & { readonly key: string })[], what: string): NumberingFault[] {
  const seen = new Map<string, Place>();
  return keyed.flatMap((row) => {
    const first = seen.get(row.key);
    if (first === undefined) seen.set(row.key, row);
    return first === undefined ? [] : [duplicateFault(row, `${what} '${row.key}'`, first)];
  });
}

function duplicateFault(at: Place, what: string, first: Place): NumberingFault {
  return { ...place(at), message: `Cannot take ${what} twice: it is also at ${first.file}:${first.line}` };
}

function overlappingCountryCodes(rows: NumberingRows): NumberingFault[] {
  const codes = new Set(rows.countryCodes.map((row) => row.code));
  return rows.countryCodes
    .filter(({ code }) => code.length > 3 || [1, 2].some((n) => n < code.length && codes.has(code.slice(0, n))))
    .map((row) => ({
      ...place(row),
      message: `Cannot take country code '${row.code}': a shorter country code covers it`,
    }));
}

function ambiguousClasses(rows: NumberingRows): NumberingFault[] {
  const classes = new Map<string, string>();
  const named = [
    ...rows.destinations,
    ...rows.countryCodes.filter((row) => row.name !== '').map((row) => ({ ...row, class: 'international' })),
    ...rows.shortCodes,
  ];
  return named.flatMap((row) => {
    const first = classes.get(row.name);
    if (first === undefined) classes.set(row.name, row.class);
    if (first === undefined || first === row.class) return [];
    return [
      { ...place(row), message: `Cannot give '${row.name}' the class '${row.class}': it is '${first}' elsewhere` },
    ];
  });
}

function homelessPrefixes(rows: NumberingRows, index: PrefixIndex): NumberingFault[] {
  const prefixed = [...rows.destinations, ...rows.invalidRanges, ...rows.lengthRules, ...rows.specialRanges];
  return prefixed.flatMap((row) => {
    const homeless = row.prefixes.find((prefix) => countryCodeOf(index, prefix) === '');
    if (homeless === undefined) return [];
    return [{ ...place(row), message: `Cannot place prefix '${homeless}': no country code covers it` }];
  });
}

function deadOverseasRoots(rows: NumberingRows, index: PrefixIndex): NumberingFault[] {
  return rows.overseasRoots.flatMap((row) => {
    const target = `${row.lead === 0 ? '' : row.lead}${row.prefix.slice(2)}`;
    const code = countryCodeOf(index, target);
    if (code !== '' && code !== '33') return [];
    return [
      {
        ...place(row),
        message: `Cannot lead '0${row.prefix.slice(2)}' to '+${target}': it is under no overseas country code`,
      },
    ];
  });
}

function includedFaults(rows: NumberingRows): NumberingFault[] {
  const selection = {
    classes: ['national-fixed', 'national-mobile'] as const,
    destinations: rows.includedNames.map(({ name }) => name),
  };
  const placeByName = new Map(rows.includedNames.map((row) => [row.name, row]));
  const findings = lintIncludedRows(rows, selection);
  return [
    ...duplicates(
      rows.includedNames.map((row) => ({ ...place(row), key: row.name })),
      'included name',
    ),
    ...findings.flatMap((finding): NumberingFault[] => {
      switch (finding.kind) {
        case 'unknown-name': {
          const at = placeByName.get(finding.name);
          const message = `Cannot find the included destination '${finding.name}': no prefix has this name`;
          return at === undefined ? [] : [{ ...place(at), message }];
        }
        case 'undeclared-range': {
          const message = `Cannot keep ${finding.nature} range '${finding.pattern}' inside '${finding.destination}': it needs a row of its own`;
          return [{ file: finding.file, line: finding.line, message }];
        }
        case 'repeated-name':
        case 'catch-all':
        case 'declared-range':
          return [];
        default:
          return finding satisfies never;
      }
    }),
  ];
}

function lengthsOf(mask: number): number[] {
  return Array.from({ length: 15 }, (_, length) => length).filter((length) => (mask >>> length) & 1);
}

function place(row: Place): Place {
  return { file: row.file, line: row.line };
}
