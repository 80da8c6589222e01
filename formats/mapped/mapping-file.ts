import { readFileSync, statSync } from 'node:fs';
import { type ReadMapping, readMapping } from './mapping.ts';

/** A longer file is no mapping. */
const MOST_BYTES = 1_048_576;

/** Reads a mapping and checks it; what is wrong with it, or why it can't be read, is a fault. */
export function readMappingFile(path: string): ReadMapping {
  try {
    const found = statSync(path);
    if (!found.isFile()) return { faults: [`Cannot read mapping '${path}': it is no file`] };
    if (found.size > MOST_BYTES) return { faults: [`Cannot read mapping '${path}': it has ${found.size} bytes`] };
    return readMapping(readFileSync(path, 'utf8'), path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { faults: [`Cannot read mapping '${path}': ${cause}`] };
  }
}
