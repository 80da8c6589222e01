import { readFileSync } from 'node:fs';
import { compileNumberingPlan, type NumberingPlan, type NumberingTables, type TableText } from '../tariffs/index.ts';

const DATA_FOLDER = new URL('../tariffs/numbering/data/', import.meta.url);

/** Reads the product's numbering tables. Throws what the file system throws if one is missing. */
export function readNumberingTables(): NumberingTables {
  return {
    countryCodes: readTableText('country-codes.csv'),
    destinations: readTableText('destinations.csv'),
    invalidRanges: readTableText('invalid-ranges.csv'),
    lengthRules: readTableText('length-rules.csv'),
    overseasRoots: readTableText('overseas-roots.csv'),
    shortCodes: readTableText('short-codes.csv'),
    includedNames: readTableText('included-names.csv'),
    specialRanges: readTableText('special-ranges.csv'),
  };
}

let loaded: NumberingPlan | null = null;

/**
 * The product's numbering plan, read and compiled, once in a process. Throws `NumberingTablesError` if the tables are
 * faulty.
 */
export function loadNumberingPlan(): NumberingPlan {
  loaded ??= compileNumberingPlan(readNumberingTables());
  return loaded;
}

function readTableText(name: string): TableText {
  return { file: `tariffs/numbering/data/${name}`, text: readFileSync(new URL(name, DATA_FOLDER), 'utf8') };
}
