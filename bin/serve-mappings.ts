import { resolve } from 'node:path';
import { type Mapping, readMappingFile } from '../formats/index.ts';
import { usageError } from './command-error.ts';

/** How a mapping may be called: it stands in addresses, `?mapping=NAME`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The mappings that posts may name, of `--mapping NAME=FILE`; files are sought from `folder`. Throws one usage error
 * with all that is wrong with the options and in their files.
 */
export function readServeMappings(given: readonly string[], folder: string): ReadonlyMap<string, Mapping> {
  const mappings = new Map<string, Mapping>();
  const faults: string[] = [];
  for (const text of given) {
    const [, name = '', file = ''] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
    if (!NAME.test(name)) {
      faults.push(`Cannot use --mapping '${text}': it must be NAME=FILE, a name of letters, digits, '.', '_' and '-'`);
    } else if (mappings.has(name)) faults.push(`Cannot use --mapping '${text}': '${name}' names another file already`);
    else {
      const read = readMappingFile(resolve(folder, file));
      if ('faults' in read) faults.push(...read.faults);
      else mappings.set(name, read.mapping);
    }
  }
  if (faults.length > 0) throw usageError(faults);
  return mappings;
}
